import { autocompletion, closeBrackets, completionKeymap } from '@codemirror/autocomplete'
import { defaultKeymap, history, historyKeymap } from '@codemirror/commands'
import { bracketMatching, foldGutter, indentOnInput, syntaxHighlighting } from '@codemirror/language'
import { linter, lintGutter, type Diagnostic } from '@codemirror/lint'
import { EditorState } from '@codemirror/state'
import { drawSelection, EditorView, keymap, lineNumbers } from '@codemirror/view'
import { useComputedColorScheme } from '@mantine/core'
import { useEffect, useRef } from 'react'
import type { Mistake } from '../api/client'
import { COLOURS, rhai } from './language'

/** How long nobody has typed before the script is looked at, in milliseconds. */
const LOOK_AFTER_MS = 400

interface Props {
  script: string
  label: string
  changed: (script: string) => void
  /** What the server finds wrong. */
  look: (script: string) => Promise<Mistake[]>
}

/** A script that is written; Tab leaves it, so that nobody is caught inside. */
export function Editor({ script, label, changed, look }: Props) {
  const box = useRef<HTMLDivElement>(null)
  const scheme = useComputedColorScheme('light')
  const latest = useRef({ script, changed, look })
  latest.current = { ...latest.current, changed, look }
  useEffect(() => {
    if (box.current === null) return
    const looked = linter(
      async (view) => {
        const mistakes = await latest.current.look(view.state.doc.toString())
        return mistakes.map((mistake) => shown(view, mistake))
      },
      { delay: LOOK_AFTER_MS },
    )
    const view = new EditorView({
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
          rhai(),
          syntaxHighlighting(COLOURS[scheme]),
          looked,
          keymap.of([...defaultKeymap, ...historyKeymap, ...completionKeymap]),
          EditorView.contentAttributes.of({ 'aria-label': label }),
          EditorView.updateListener.of((update) => {
            if (!update.docChanged) return
            latest.current.script = update.state.doc.toString()
            latest.current.changed(latest.current.script)
          }),
          EditorView.theme(
            {
              '&': { minHeight: '360px', fontSize: '14px' },
              '&.cm-focused': { outline: '2px solid var(--mantine-primary-color-filled)' },
              '.cm-scroller': { fontFamily: 'ui-monospace, "DejaVu Sans Mono", monospace' },
              '.cm-gutters': { background: 'transparent', border: 'none', color: 'var(--mantine-color-dimmed)' },
            },
            { dark: scheme === 'dark' },
          ),
        ],
      }),
    })
    return () => view.destroy()
  }, [scheme, label])
  return <div ref={box} />
}

/** A mistake at its place, up to the end of the line. */
function shown(view: EditorView, { line, column, message }: Mistake): Diagnostic {
  const { lines } = view.state.doc
  const at = view.state.doc.line(Math.min(Math.max(1, line), lines))
  const from = Math.min(at.to, at.from + Math.max(0, column - 1))
  return { from, to: Math.max(from, at.to), severity: 'error', message }
}
