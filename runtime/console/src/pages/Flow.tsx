import '@mantine/core/styles/Switch.css'
import '@mantine/core/styles/Tabs.css'
import '@mantine/core/styles/List.css'
import { Alert, Badge, Button, Grid, Group, Menu, Paper, Skeleton, Stack, Tabs, TextInput, Title } from '@mantine/core'
import { IconRocket, IconTemplate } from '@tabler/icons-react'
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query'
import { useParams, useSearch } from '@tanstack/react-router'
import { lazy, Suspense, useCallback, useEffect, useRef, useState } from 'react'
import { useTranslation } from 'react-i18next'
import { api, data, type Schema } from '../api/client'
import { Editor } from '../flow/Editor'
import { Effect } from '../flow/Effect'
import { Outline } from '../flow/Outline'
import { nodeAt, type Graph, type Node, type Place, type Problem } from '../flow/places'
import { Problems } from '../flow/Problems'
import { Scenarios } from '../flow/Scenarios'
import { Simulator, type Order } from '../flow/Simulator'
import { orderOf } from '../flow/rerun'
import '../flow/studio.css'
import '../flow/texts'
import { useWorkingCopy, type Kept } from '../flow/useWorkingCopy'
import { Versions } from '../flow/Versions'
import { Back } from '../ui/Back'
import { Failure } from '../ui/Failure'

const Drawing = lazy(() => import('../flow/Graph').then((module) => ({ default: module.Graph })))
const Compare = lazy(() => import('../flow/Compare').then((module) => ({ default: module.Compare })))

/** How long nobody has typed before the script is looked at, in milliseconds. */
const LOOK_AFTER_MS = 300
const NO_PROBLEMS: Problem[] = []
const NO_VERBS: Schema<'Verb'>[] = []

export function Flow() {
  const { t } = useTranslation()
  const { tenant, flow } = useParams({ from: '/t/$tenant/flows/$flow' })
  const path = { tenant, flow }
  const versions = useQuery({
    queryKey: ['live', tenant, 'flow', flow],
    queryFn: () => data(api.GET('/api/v1/tenants/{tenant}/flows/{flow}/versions', { params: { path } })),
  })
  const copy = useQuery({
    queryKey: ['copy', tenant, flow],
    queryFn: () => data(api.GET('/api/v1/tenants/{tenant}/flows/{flow}/working-copy', { params: { path } })),
    staleTime: Infinity,
  })
  const active = versions.data?.items.find((one) => one.active) ?? versions.data?.items[0]
  // Without a choice it is what was being written, else what serves.
  const [chosen, choose] = useState<number>()
  const { rerun } = useSearch({ from: '/t/$tenant/flows/$flow' })
  const [tab, show] = useState<string | null>(rerun === undefined ? 'graph' : 'simulator')
  const recorded = useQuery({
    queryKey: ['rerun', tenant, rerun],
    queryFn: () =>
      data(
        api.GET('/api/v1/tenants/{tenant}/interactions/{interaction}', {
          params: { path: { tenant, interaction: rerun ?? '' } },
        }),
      ),
    enabled: rerun !== undefined,
    staleTime: Infinity,
  })
  const begun = chosen === undefined ? copy.data?.copy : null
  const version = chosen ?? (begun?.base || active?.version)
  const script = useQuery({
    queryKey: ['script', tenant, flow, version],
    queryFn: () =>
      data(
        api.GET('/api/v1/tenants/{tenant}/flows/{flow}/versions/{version}', {
          params: { path: { ...path, version: String(version) } },
        }),
      ),
    enabled: version !== undefined && copy.data !== undefined,
    staleTime: Infinity,
  })
  const error = versions.error ?? copy.error ?? script.error ?? recorded.error
  const ready = (rerun === undefined || recorded.data !== undefined) && versions.data !== undefined && copy.data !== undefined && (version === undefined || script.data !== undefined)
  return (
    <Stack>
      <Back tenant={tenant} to="flows" label={t('flows.back')} />
      <Title order={1} size="h3">
        {flow}
      </Title>
      {error !== null && <Failure error={error} again={() => void versions.refetch()} />}
      {!ready ? (
        error === null && <Skeleton h={480} />
      ) : (
        <Studio
          key={`${version ?? 0}-${chosen === undefined}`}
          tenant={tenant}
          flow={flow}
          of={script.data}
          copy={begun ?? null}
          before={copy.data.copy?.saved_at ?? null}
          versions={versions.data.items}
          choose={choose}
          tab={tab}
          show={show}
          played={recorded.data && orderOf(recorded.data)}
        />
      )}
    </Stack>
  )
}

interface Edited {
  tenant: string
  flow: string
  /** The version that is edited, if there is one. */
  of: Schema<'FlowScript'> | undefined
  /** What was written of it before. */
  copy: Schema<'WorkingCopyState'>['copy']
  /** When the copy was written that the next one replaces. */
  before: string | null
  versions: Schema<'FlowVersion'>[]
  choose: (version: number | undefined) => void
  /** Which view of it is open. */
  tab: string | null
  show: (tab: string | null) => void
  /** What the simulator begins with. */
  played: Order | undefined
}

/** A script beside its graph, until it is published as the next version. */
function Studio({ tenant, flow, of, copy, before, versions, choose, tab, show, played }: Edited) {
  const { t } = useTranslation()
  const base = of?.version ?? 0
  const [begun, begin] = useState({ text: copy?.script ?? of?.script ?? '', turn: 0 })
  const [text, write] = useState(begun.text)
  const original = of?.script ?? ''
  const { kept, forget } = useWorkingCopy({ tenant, flow, text, base, original, before })
  const verbs = useQuery({
    queryKey: ['verbs', tenant],
    queryFn: () => data(api.GET('/api/v1/tenants/{tenant}/flows/verbs', { params: { path: { tenant } } })),
    staleTime: Infinity,
  })
  const looked = useAnalysis(tenant, flow, text)
  // While it cannot be read it stays as it was last.
  const drawn = useRef<Graph>(undefined)
  drawn.current = looked?.graph ?? drawn.current
  const graph = drawn.current
  const stale = looked !== undefined && looked.graph === null
  const problems = looked?.problems ?? NO_PROBLEMS
  const [place, moved] = useState<Place>({ line: 1, column: 1 })
  const [target, goTo] = useState<Place>()
  const [order, change] = useState<Order>(played ?? { caller: '+441632960011', inputs: [] })
  const [working, at] = useState<number>()
  const simulating = tab === 'simulator'
  const shown = simulating ? graph?.nodes.find((node) => node.id === working) : graph && nodeAt(graph.nodes, place)
  const chooseNode = useCallback((node: Node) => goTo({ line: node.line, column: node.column }), [])
  const restart = (script: string) => {
    begin({ text: script, turn: begun.turn + 1 })
    write(script)
  }
  return (
    <Grid>
      <Grid.Col span={{ base: 12, lg: 6 }}>
        <Stack>
          <Tools tenant={tenant} kept={kept} begin={restart} discard={async () => {
            await forget()
            restart(original)
          }} changed={text !== original} />
          <Paper withBorder>
            <Editor
              key={begun.turn}
              script={begun.text}
              label={t('flows.script', { flow })}
              changed={write}
              moved={moved}
              problems={problems}
              verbs={verbs.data?.items ?? NO_VERBS}
              goTo={target}
              shown={shown}
            />
          </Paper>
          <Problems all={problems} goTo={goTo} />
          {looked?.ok && of !== undefined && looked.script !== of.script && (
            <Effect tenant={tenant} flow={flow} script={looked.script} />
          )}
          <Publish tenant={tenant} flow={flow} text={text} same={text === of?.script && of.active} done={async () => {
            await forget()
            choose(undefined)
          }} />
        </Stack>
      </Grid.Col>
      <Grid.Col span={{ base: 12, lg: 6 }}>
        <Tabs value={tab} onChange={show} keepMounted={false}>
          <Tabs.List aria-label={t('studio.views')}>
            {['graph', 'steps', 'simulator', 'scenarios', 'versions', 'difference'].map((one) => (
              <Tabs.Tab key={one} value={one}>
                {t(`studio.${one}`)}
              </Tabs.Tab>
            ))}
          </Tabs.List>
          <Suspense fallback={<Skeleton h={480} mt="sm" />}>
            <Tabs.Panel value="graph" pt="sm">
              {stale && <Alert color="orange">{t('studio.stale')}</Alert>}
              <div style={{ height: 620 }}>
                {graph && <Drawing graph={graph} problems={problems} shown={shown?.id} choose={chooseNode} />}
              </div>
            </Tabs.Panel>
            <Tabs.Panel value="steps" pt="sm">
              {graph && <Outline graph={graph} shown={shown?.id} choose={chooseNode} />}
            </Tabs.Panel>
            <Tabs.Panel value="simulator" pt="sm">
              <Stack>
                {graph && (
                  <div style={{ height: 260 }}>
                    <Drawing graph={graph} problems={problems} shown={shown?.id} choose={chooseNode} />
                  </div>
                )}
                <Simulator tenant={tenant} flow={flow} script={looked?.script ?? text} order={order} change={change} at={at} goTo={goTo} />
              </Stack>
            </Tabs.Panel>
            <Tabs.Panel value="scenarios" pt="sm">
              <Scenarios tenant={tenant} flow={flow} script={text} play={(one) => {
                change(one)
                show('simulator')
              }} />
            </Tabs.Panel>
            <Tabs.Panel value="versions" pt="sm">
              <Versions tenant={tenant} flow={flow} all={versions} shown={of?.version} choose={choose} />
            </Tabs.Panel>
            <Tabs.Panel value="difference" pt="sm">
              <Compare tenant={tenant} flow={flow} text={text} versions={versions} />
            </Tabs.Panel>
          </Suspense>
        </Tabs>
      </Grid.Col>
    </Grid>
  )
}

/** What the server says of the script, a moment after it was written, with the script it says it of. */
function useAnalysis(tenant: string, flow: string, text: string) {
  const [script, settle] = useState(text)
  useEffect(() => {
    const later = setTimeout(() => settle(text), LOOK_AFTER_MS)
    return () => clearTimeout(later)
  }, [text])
  const looked = useQuery({
    queryKey: ['analysis', tenant, flow, script],
    queryFn: async () => {
      const body = { script }
      const params = { path: { tenant, flow } }
      return { script, ...(await data(api.POST('/api/v1/tenants/{tenant}/flows/{flow}/analyse', { params, body }))) }
    },
    placeholderData: (before) => before,
    staleTime: Infinity,
  })
  return looked.data
}

const KEPT: Record<Kept, string> = { saved: 'teal', saving: 'gray', conflict: 'red', failed: 'red' }

interface Tooled {
  tenant: string
  kept: Kept
  begin: (script: string) => void
  discard: () => void
  changed: boolean
}

function Tools({ tenant, kept, begin, discard, changed }: Tooled) {
  const { t, i18n } = useTranslation()
  const language = i18n.language.startsWith('ru') ? 'ru' : 'en'
  const templates = useQuery({
    queryKey: ['templates', tenant],
    queryFn: () => data(api.GET('/api/v1/tenants/{tenant}/flows/templates', { params: { path: { tenant } } })),
    staleTime: Infinity,
  })
  return (
    <Group gap="xs">
      <Menu>
        <Menu.Target>
          <Button size="xs" variant="default" leftSection={<IconTemplate size={16} />}>
            {t('studio.templates')}
          </Button>
        </Menu.Target>
        <Menu.Dropdown>
          {templates.data?.items.map((one) => (
            <Menu.Item key={one.name} onClick={() => begin(one.script)}>
              {one.title[language]}
            </Menu.Item>
          ))}
        </Menu.Dropdown>
      </Menu>
      <Button size="xs" variant="default" disabled={!changed} onClick={discard}>
        {t('studio.discard')}
      </Button>
      <Badge variant="light" color={KEPT[kept]} role="status">
        {t(`studio.kept.${kept}`)}
      </Badge>
    </Group>
  )
}

interface Published {
  tenant: string
  flow: string
  text: string
  /** Nothing has changed. */
  same: boolean
  done: () => Promise<void>
}

function Publish({ tenant, flow, text, same, done }: Published) {
  const { t } = useTranslation()
  const queries = useQueryClient()
  const [comment, remark] = useState('')
  const [percent, part] = useState('')
  const publish = useMutation({
    mutationFn: () =>
      data(
        api.POST('/api/v1/tenants/{tenant}/flows/{flow}/publish', {
          params: { path: { tenant, flow } },
          body: {
            script: text,
            comment: comment === '' ? null : comment,
            percent: percent === '' ? null : Number(percent),
          },
        }),
      ),
    onSuccess: async () => {
      await queries.invalidateQueries({ queryKey: ['live', tenant] })
      await done()
    },
  })
  return (
    <>
      {publish.error !== null && (
        <Alert color="red" title={t('flows.not_published')}>
          {publish.error.message}
        </Alert>
      )}
      <Group align="flex-end">
        <TextInput
          label={t('flows.comment')}
          value={comment}
          onChange={(event) => remark(event.currentTarget.value)}
          style={{ flex: 1 }}
        />
        <TextInput
          type="number"
          min={1}
          max={100}
          label={t('studio.percent')}
          placeholder="100"
          w={150}
          value={percent}
          onChange={(event) => part(event.currentTarget.value)}
        />
        <Button
          leftSection={<IconRocket size={16} />}
          disabled={same}
          loading={publish.isPending}
          onClick={() => publish.mutate()}
        >
          {t('flows.publish')}
        </Button>
      </Group>
    </>
  )
}
