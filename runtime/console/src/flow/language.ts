// How a script looks: colours, folds, indents and the script's own names. What it means, and whether it is
// right, the server's rhai says alone.
import { completeFromList, type CompletionContext, type CompletionSource } from '@codemirror/autocomplete'
import {
  delimitedIndent,
  foldInside,
  foldNodeProp,
  HighlightStyle,
  indentNodeProp,
  LanguageSupport,
  LRLanguage,
  syntaxTree,
} from '@codemirror/language'
import { styleTags, tags } from '@lezer/highlight'
import { parser } from './rhai-parser'

const styles = styleTags({
  'let const fn private': tags.definitionKeyword,
  ControlKeyword: tags.controlKeyword,
  OperatorKeyword: tags.operatorKeyword,
  ModuleKeyword: tags.moduleKeyword,
  FunctionName: tags.function(tags.definition(tags.variableName)),
  VariableDefinition: tags.definition(tags.variableName),
  'CallExpression/VariableName CallExpression/PathName': tags.function(tags.variableName),
  VariableName: tags.variableName,
  PathName: tags.namespace,
  PropertyName: tags.propertyName,
  Number: tags.number,
  String: tags.string,
  TemplateString: tags.special(tags.string),
  Char: tags.character,
  Boolean: tags.bool,
  This: tags.self,
  LineComment: tags.lineComment,
  BlockComment: tags.blockComment,
  DocComment: tags.docComment,
  'ArithOp Operator': tags.operator,
  '( )': tags.paren,
  '[ ]': tags.squareBracket,
  '{ }': tags.brace,
})

const language = LRLanguage.define({
  name: 'rhai',
  parser: parser.configure({
    props: [
      styles,
      foldNodeProp.add({ 'Block MapGroup': foldInside }),
      indentNodeProp.add({
        Block: delimitedIndent({ closing: '}' }),
        MapGroup: delimitedIndent({ closing: '}' }),
      }),
    ],
  }),
  languageData: {
    commentTokens: { line: '//', block: { open: '/*', close: '*/' } },
    closeBrackets: { brackets: ['(', '[', '{', '"', '`'] },
  },
})

/** The names that the script gives itself. */
const ownNames: CompletionSource = (context: CompletionContext) => {
  const word = context.matchBefore(/\w+$/)
  if (word === null && !context.explicit) return null
  const names = new Map<string, string>()
  syntaxTree(context.state).iterate({
    enter: (node) => {
      const name = context.state.sliceDoc(node.from, node.to)
      if (node.name === 'VariableDefinition') names.set(name, 'variable')
      if (node.name === 'FunctionName') names.set(name, 'function')
    },
  })
  const options = [...names].map(([label, type]) => ({ label, type }))
  return { from: word?.from ?? context.pos, options }
}

const KEYWORDS = ['if', 'else', 'switch', 'while', 'for', 'in', 'loop', 'break', 'continue', 'return', 'let', 'const', 'fn']

export function rhai() {
  const keywords = completeFromList(KEYWORDS.map((label) => ({ label, type: 'keyword' })))
  return new LanguageSupport(language, [
    language.data.of({ autocomplete: ownNames }),
    language.data.of({ autocomplete: keywords }),
  ])
}

/** Colours with the contrast of WCAG AA on each ground. */
export const COLOURS = {
  light: HighlightStyle.define([
    { tag: [tags.controlKeyword, tags.definitionKeyword], color: '#862e9c' },
    { tag: [tags.string, tags.special(tags.string)], color: '#2b6e22' },
    { tag: [tags.number, tags.bool], color: '#a3480f' },
    { tag: tags.function(tags.variableName), color: '#1c54b2' },
    { tag: tags.comment, color: '#5c6470', fontStyle: 'italic' },
    { tag: tags.propertyName, color: '#9c2b2b' },
  ]),
  dark: HighlightStyle.define([
    { tag: [tags.controlKeyword, tags.definitionKeyword], color: '#c792ea' },
    { tag: [tags.string, tags.special(tags.string)], color: '#c3e88d' },
    { tag: [tags.number, tags.bool], color: '#f78c6c' },
    { tag: tags.function(tags.variableName), color: '#82aaff' },
    { tag: tags.comment, color: '#a3abbb', fontStyle: 'italic' },
    { tag: tags.propertyName, color: '#ff9b9e' },
  ]),
}
