import { unifiedMergeView } from '@codemirror/merge'
import { syntaxHighlighting } from '@codemirror/language'
import { EditorState } from '@codemirror/state'
import { EditorView, lineNumbers } from '@codemirror/view'
import { NativeSelect, Stack, Text, useComputedColorScheme } from '@mantine/core'
import { useQuery } from '@tanstack/react-query'
import { useEffect, useRef, useState } from 'react'
import { useTranslation } from 'react-i18next'
import { api, data, type Schema } from '../api/client'
import { COLOURS, rhai } from './language'

interface Props {
  tenant: string
  flow: string
  text: string
  versions: Schema<'FlowVersion'>[]
}

/** What is written here and not there, and the other way round. */
export function Compare({ tenant, flow, text, versions }: Props) {
  const { t } = useTranslation()
  const active = versions.find((one) => one.active) ?? versions[0]
  const [chosen, choose] = useState(active?.version)
  const other = useQuery({
    queryKey: ['script', tenant, flow, chosen],
    queryFn: () =>
      data(
        api.GET('/api/v1/tenants/{tenant}/flows/{flow}/versions/{version}', {
          params: { path: { tenant, flow, version: String(chosen) } },
        }),
      ),
    enabled: chosen !== undefined,
    staleTime: Infinity,
  })
  return (
    <Stack>
      <NativeSelect
        label={t('studio.compare_with')}
        value={String(chosen)}
        onChange={(event) => choose(Number(event.currentTarget.value))}
        data={versions.map((one) => ({
          value: String(one.version),
          label: t('flows.number', { version: one.version }) + (one.active ? ` (${t('plugins.active')})` : ''),
        }))}
      />
      {other.data !== undefined &&
        (other.data.script === text ? (
          <Text>{t('studio.same')}</Text>
        ) : (
          <Difference before={other.data.script} after={text} label={t('studio.difference')} />
        ))}
    </Stack>
  )
}

function Difference({ before, after, label }: { before: string; after: string; label: string }) {
  const box = useRef<HTMLDivElement>(null)
  const scheme = useComputedColorScheme('light')
  useEffect(() => {
    if (box.current === null) return
    const view = new EditorView({
      parent: box.current,
      state: EditorState.create({
        doc: after,
        extensions: [
          lineNumbers(),
          EditorState.readOnly.of(true),
          EditorView.contentAttributes.of({ 'aria-label': label }),
          rhai(),
          syntaxHighlighting(COLOURS[scheme]),
          unifiedMergeView({ original: before, mergeControls: false, collapseUnchanged: { margin: 3, minSize: 6 } }),
          EditorView.theme({ '&': { maxHeight: '560px', fontSize: '13px' } }, { dark: scheme === 'dark' }),
        ],
      }),
    })
    return () => view.destroy()
  }, [before, after, label, scheme])
  return <div ref={box} />
}
