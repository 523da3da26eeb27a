// Completion and hover by what the server says a script may do.
import { snippetCompletion, type Completion, type CompletionContext, type CompletionSource } from '@codemirror/autocomplete'
import { EditorState, type Extension } from '@codemirror/state'
import { hoverTooltip } from '@codemirror/view'
import type { Schema } from '../api/client'

export type Verb = Schema<'Verb'>
type Language = 'en' | 'ru'

const meaning = (verb: Verb, language: string) => verb.meaning[(language.startsWith('ru') ? 'ru' : 'en') as Language]

function completions(verbs: Verb[], language: string): CompletionSource {
  const options: Completion[] = verbs.map((verb) => {
    const holes = verb.parameters.map((name) => `\${${name}}`).join(', ')
    return snippetCompletion(`${verb.name}(${holes})`, {
      label: verb.signature,
      type: 'function',
      ...(verb.gives === '' ? {} : { detail: verb.gives }),
      info: `${meaning(verb, language)}\n${verb.example}`,
    })
  })
  return (context: CompletionContext) => {
    const word = context.matchBefore(/\w+$/)
    if (word === null && !context.explicit) return null
    return { from: word?.from ?? context.pos, options, validFor: /^\w*$/ }
  }
}

/** What the word under the pointer means. */
function hover(verbs: Verb[], language: string): Extension {
  return hoverTooltip((view, at) => {
    const word = view.state.wordAt(at)
    if (word === null) return null
    const name = view.state.sliceDoc(word.from, word.to)
    const found = verbs.filter((verb) => verb.name === name)
    if (found.length === 0) return null
    return {
      pos: word.from,
      end: word.to,
      above: true,
      create: () => {
        const dom = document.createElement('div')
        dom.className = 'flow-hover'
        for (const verb of found) {
          const [signature, text] = [document.createElement('code'), document.createElement('div')]
          signature.textContent = verb.gives === '' ? verb.signature : `${verb.signature} → ${verb.gives}`
          text.textContent = meaning(verb, language)
          dom.append(signature, text)
        }
        return { dom }
      },
    }
  })
}

export function vocabulary(verbs: Verb[], language: string): Extension {
  const source = completions(verbs, language)
  return [EditorState.languageData.of(() => [{ autocomplete: source }]), hover(verbs, language)]
}
