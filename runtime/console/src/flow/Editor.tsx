import { autocompletion, closeBrackets, completionKeymap } from '@codemirror/autocomplete'
import { defaultKeymap, history, historyKeymap } from '@codemirror/commands'
import { bracketMatching, foldGutter, indentOnInput, syntaxHighlighting } from '@codemirror/language'
import { lintGutter, setDiagnostics, type Diagnostic } from '@codemirror/lint'
import { Compartment, EditorState, StateEffect, StateField } from '@codemirror/state'
import { Decoration, drawSelection, EditorView, keymap, lineNumbers, type DecorationSet } from '@codemirror/view'
import { useComputedColorScheme } from '@mantine/core'
import { useEffect, useRef } from 'react'
import { useTranslation } from 'react-i18next'
import { COLOURS, rhai } from './language'
import type { Node, Place, Problem } from './places'
import { vocabulary, type Verb } from './vocabulary'
import { problemOf } from './words'

interface Props {
  script: string
  label: string
  changed: (script: string) => void
  /** The cursor moved there. */
  moved: (place: Place) => void
  problems: Problem[]
  verbs: Verb[]
  /** Where to go; a new object goes there again. */
  goTo: Place | undefined
  /** What is at work, or looked at. */
  shown: Node | undefined
}

const mark = StateEffect.define<{ from: number; to: number } | undefined>()

/** The lines of the node that is looked at. */
const marked = StateField.define<DecorationSet>({
  create: () => Decoration.none,
  update(lines, change) {
    const effect = change.effects.find((one) => one.is(mark))
    if (effect === undefined) return lines.map(change.changes)
    const range = effect.value as { from: number; to: number } | undefined
    if (range === undefined) return Decoration.none
    const line = Decoration.line({ class: 'flow-marked' })
    const all = []
    const { lines: count } = change.state.doc
    for (let n = Math.max(1, range.from); n <= Math.min(range.to, count); n++) {
      all.push(line.range(change.state.doc.line(n).from))
    }
    return Decoration.set(all)
  },
  provide: (field) => EditorView.decorations.from(field),
})

const height = EditorView.theme({
  '&': { height: '460px', fontSize: '14px' },
  '&.cm-focused': { outline: '2px solid var(--mantine-primary-color-filled)' },
  '.cm-scroller': { fontFamily: 'ui-monospace, "DejaVu Sans Mono", monospace' },
  '.cm-gutters': { background: 'transparent', border: 'none', color: 'var(--mantine-color-dimmed)' },
})

/** A script that is written; Tab leaves it, so that nobody is caught inside. */
export function Editor({ script, label, changed, moved, problems, verbs, goTo, shown }: Props) {
  const { t, i18n } = useTranslation()
  const box = useRef<HTMLDivElement>(null)
  const view = useRef<EditorView>(null)
  const words = useRef(new Compartment())
  const scheme = useComputedColorScheme('light')
  const latest = useRef({ script, changed, moved })
  latest.current = { ...latest.current, changed, moved }
  useEffect(() => {
    if (box.current === null) return
    const own = new EditorView({
      parent: box.current,
      state: EditorState.create({
        doc: latest.current.script,
        extensions: [
          lineNumbers(),
          foldGutter(),
          lintGutter(),
          history(),
          drawSelection(),
          bracketMatching(),
          closeBrackets(),
          indentOnInput(),
          autocompletion(),
          words.current.of([]),
          marked,
          rhai(),
          syntaxHighlighting(COLOURS[scheme]),
          keymap.of([...defaultKeymap, ...historyKeymap, ...completionKeymap]),
          EditorView.contentAttributes.of({ 'aria-label': label }),
          EditorView.updateListener.of((update) => {
            if (update.docChanged) {
              latest.current.script = update.state.doc.toString()
              latest.current.changed(latest.current.script)
            }
            if (!update.selectionSet && !update.docChanged) return
            const at = update.state.selection.main.head
            const line = update.state.doc.lineAt(at)
            latest.current.moved({ line: line.number, column: at - line.from + 1 })
          }),
          height,
          EditorView.theme({}, { dark: scheme === 'dark' }),
        ],
      }),
    })
    view.current = own
    return () => own.destroy()
  }, [scheme, label])
  useEffect(() => {
    view.current?.dispatch({ effects: words.current.reconfigure(vocabulary(verbs, i18n.language)) })
  }, [verbs, i18n.language, scheme, label])
  useEffect(() => {
    const own = view.current
    if (own === null) return
    const all = problems.map((problem) => diagnostic(own, problem, problemOf(t, problem)))
    own.dispatch(setDiagnostics(own.state, all))
  }, [problems, t, scheme, label])
  useEffect(() => {
    const lines = shown && { from: shown.line, to: shown.end_line }
    view.current?.dispatch({ effects: mark.of(lines) })
  }, [shown, scheme, label])
  useEffect(() => {
    const own = view.current
    if (own === null || goTo === undefined) return
    const anchor = offset(own, goTo)
    own.dispatch({ selection: { anchor }, effects: EditorView.scrollIntoView(anchor, { y: 'center' }) })
    own.focus()
  }, [goTo])
  return <div ref={box} />
}

function offset(view: EditorView, { line, column }: Place): number {
  const at = view.state.doc.line(Math.min(Math.max(1, line), view.state.doc.lines))
  return Math.min(at.to, at.from + Math.max(0, column - 1))
}

function diagnostic(view: EditorView, problem: Problem, message: string): Diagnostic {
  const from = offset(view, problem)
  const to = offset(view, { line: problem.end_line, column: problem.end_column + 1 })
  return { from, to: Math.max(from, to), severity: problem.severity, message }
}
