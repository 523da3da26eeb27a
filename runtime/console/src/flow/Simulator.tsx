import { Alert, Badge, Button, Group, NativeSelect, Paper, Stack, Switch, Text, TextInput } from '@mantine/core'
import { IconArrowBackUp, IconPhoneOff, IconRefresh } from '@tabler/icons-react'
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query'
import { useEffect, useRef, useState } from 'react'
import { useTranslation } from 'react-i18next'
import { api, data, type Schema } from '../api/client'
import type { Place } from './places'

export type Order = Schema<'SimulationOrder'>
type Doing = Schema<'CustomerDoing'>
type Simulated = Schema<'Simulated'>

const ENDS = ['served', 'timed_out', 'full', 'no_agents', 'left_by_key', 'callback']
const KEYS = ['1', '2', '3', '4', '5', '6', '7', '8', '9', '*', '0', '#']

interface Props {
  tenant: string
  flow: string
  script: string
  order: Order
  change: (order: Order) => void
  /** The node at work. */
  at: (node: number | undefined) => void
  goTo: (place: Place) => void
}

/** Talks with a script as a caller would; all that was done is sent each time. */
export function Simulator({ tenant, flow, script, order, change, at, goTo }: Props) {
  const { t } = useTranslation()
  const inputs = order.inputs ?? []
  const led = useQuery({
    queryKey: ['simulated', tenant, flow, script, order],
    queryFn: () =>
      data(
        api.POST('/api/v1/tenants/{tenant}/flows/{flow}/simulate', {
          params: { path: { tenant, flow } },
          body: { script, order },
        }),
      ),
    placeholderData: (before) => before,
    retry: false,
  })
  const simulated = led.data
  const node = simulated?.waiting?.node ?? simulated?.steps.findLast((step) => step.node !== null)?.node ?? undefined
  useEffect(() => at(node), [node, at])
  const does = (doing: Doing) => change({ ...order, inputs: [...inputs, doing] })
  return (
    <Stack gap="sm">
      <World tenant={tenant} order={order} change={change} />
      {led.error !== null && <Alert color="red">{led.error.message}</Alert>}
      {simulated && <Talk of={simulated} goTo={goTo} />}
      {simulated?.waiting && <Answers waiting={simulated.waiting} does={does} />}
      {simulated?.ended && (
        <Alert color={simulated.ended.how === 'failed' ? 'red' : 'gray'} role="status">
          {t(`studio.ended.${simulated.ended.how}`)}
          {simulated.ended.reason !== null && `: ${simulated.ended.reason}`}
        </Alert>
      )}
      <Group gap="xs">
        <Button
          size="compact-sm"
          variant="default"
          leftSection={<IconRefresh size={14} />}
          onClick={() => change({ ...order, inputs: [] })}
        >
          {t('studio.again')}
        </Button>
        <Button
          size="compact-sm"
          variant="default"
          leftSection={<IconArrowBackUp size={14} />}
          disabled={inputs.length === 0}
          onClick={() => change({ ...order, inputs: inputs.slice(0, -1) })}
        >
          {t('studio.back')}
        </Button>
      </Group>
      {simulated && <Variables of={simulated} />}
      {simulated && <Keep tenant={tenant} flow={flow} order={order} of={simulated} />}
    </Stack>
  )
}

/** What was said and done, as a conversation. */
function Talk({ of, goTo }: { of: Simulated; goTo: (place: Place) => void }) {
  const { t } = useTranslation()
  const end = useRef<HTMLDivElement>(null)
  useEffect(() => {
    const box = end.current?.parentElement
    box?.scrollTo({ top: box.scrollHeight })
  }, [of.steps.length])
  return (
    <Stack gap={6} mah={300} style={{ overflow: 'auto' }} tabIndex={0} role="log" aria-label={t('studio.talk')}>
      {of.steps.map((step, index) => (
        <Stack key={index} gap={6}>
          {!(step.what === 'ask' && step.text === '') && (
            <Paper withBorder px="sm" py={4} className="flow-said">
              <Group gap="xs" wrap="nowrap">
                <Text size="xs" c="dimmed" style={{ flexShrink: 0 }}>
                  {t('studio.seconds', { seconds: (step.at_ms / 1_000).toFixed(1) })}
                </Text>
                <Text size="sm">{step.what === 'say' ? step.text : `${step.what} ${step.text}`}</Text>
                {step.line !== null && (
                  <Button size="compact-xs" variant="subtle" onClick={() => goTo({ line: step.line ?? 1, column: 1 })}>
                    {t('studio.line', { line: step.line })}
                  </Button>
                )}
              </Group>
            </Paper>
          )}
          {step.answer !== null && (
            <Paper px="sm" py={4} className="flow-heard" withBorder>
              <Text size="sm" fw={600}>
                {step.answer === '' ? t('studio.nothing') : step.answer}
              </Text>
            </Paper>
          )}
        </Stack>
      ))}
      <div ref={end} />
    </Stack>
  )
}

function Answers({ waiting, does }: { waiting: NonNullable<Simulated['waiting']>; does: (doing: Doing) => void }) {
  const { t } = useTranslation()
  const [text, write] = useState('')
  const kind = waiting.kind === 'message' ? 'text' : waiting.kind === 'recording' ? 'record' : 'digits'
  const leave = (
    <Button
      size="compact-sm"
      color="red"
      variant="light"
      leftSection={<IconPhoneOff size={14} />}
      onClick={() => does({ kind: 'hang_up', value: '' })}
    >
      {t('studio.hang_up')}
    </Button>
  )
  if (waiting.kind === 'queue') {
    return (
      <Stack gap="xs">
        <Text size="sm">{t('studio.in_queue', { queue: waiting.queue })}</Text>
        <Group gap="xs">
          {ENDS.map((end) => (
            <Button key={end} size="compact-sm" variant="default" onClick={() => does({ kind: 'queue', value: end })}>
              {t(`studio.queue_end.${end}`)}
            </Button>
          ))}
          {leave}
        </Group>
      </Stack>
    )
  }
  return (
    <Stack gap="xs">
      {waiting.kind === 'digits' && waiting.max === 1 && (
        <Group gap={4}>
          {KEYS.map((key) => (
            <Button key={key} size="compact-md" variant="default" onClick={() => does({ kind: 'digits', value: key })}>
              {key}
            </Button>
          ))}
        </Group>
      )}
      <form
        onSubmit={(event) => {
          event.preventDefault()
          does({ kind, value: text })
          write('')
        }}
      >
        <Group gap="xs" align="flex-end">
          <TextInput
            label={t(`studio.enter.${waiting.kind}`)}
            value={text}
            onChange={(event) => write(event.currentTarget.value)}
            style={{ flex: 1 }}
          />
          <Button type="submit" disabled={text === ''}>
            {t('studio.send')}
          </Button>
        </Group>
      </form>
      <Group gap="xs">
        <Button size="compact-sm" variant="default" onClick={() => does({ kind: 'nothing', value: '' })}>
          {t('studio.nothing')}
        </Button>
        {leave}
      </Group>
    </Stack>
  )
}

/** The clock, the customer's card and the queues. */
function World({ tenant, order, change }: { tenant: string; order: Order; change: (order: Order) => void }) {
  const { t } = useTranslation()
  const queues = useQuery({
    queryKey: ['live', tenant, 'queues'],
    queryFn: () => data(api.GET('/api/v1/tenants/{tenant}/queues', { params: { path: { tenant } } })),
  })
  const card = order.card ?? undefined
  const field = (name: 'name' | 'language' | 'segment', value: string) =>
    change({ ...order, card: { ...card, [name]: value === '' && name !== 'name' ? null : value } })
  const opened = (queue: string, value: string) => {
    const { [queue]: _, ...others } = order.open ?? {}
    change({ ...order, open: value === '' ? others : { ...others, [queue]: value === 'open' } })
  }
  return (
    <details>
      <summary>{t('studio.world')}</summary>
      <Stack gap="xs" mt="xs">
        <Group grow align="flex-end">
          <TextInput
            type="datetime-local"
            label={t('studio.clock')}
            value={order.at?.slice(0, 16) ?? ''}
            onChange={(event) => {
              const at = event.currentTarget.value
              change({ ...order, at: at === '' ? null : `${at}:00Z` })
            }}
          />
          <TextInput
            label={t('studio.caller')}
            value={order.caller ?? ''}
            onChange={(event) => change({ ...order, caller: event.currentTarget.value || null })}
          />
        </Group>
        <Switch
          label={t('studio.card')}
          checked={card !== undefined}
          onChange={(event) => change({ ...order, card: event.currentTarget.checked ? { name: 'Ada' } : null })}
        />
        {card !== undefined && (
          <Group grow>
            {(['name', 'segment', 'language'] as const).map((name) => (
              <TextInput
                key={name}
                label={t(`contacts.${name}`)}
                value={card[name] ?? ''}
                onChange={(event) => field(name, event.currentTarget.value)}
              />
            ))}
          </Group>
        )}
        <Group>
          {queues.data?.items.map(({ queue }) => (
            <NativeSelect
              key={queue}
              label={queue}
              value={order.open?.[queue] === undefined ? '' : order.open[queue] ? 'open' : 'closed'}
              onChange={(event) => opened(queue, event.currentTarget.value)}
              data={[
                { value: '', label: t('studio.by_hours') },
                { value: 'open', label: t('studio.is_open') },
                { value: 'closed', label: t('studio.is_closed') },
              ]}
            />
          ))}
        </Group>
      </Stack>
    </details>
  )
}

function Variables({ of }: { of: Simulated }) {
  const { t } = useTranslation()
  const all = [...Object.entries(of.variables), ...Object.entries(of.attributes).map(([name, value]) => [`@${name}`, value] as const)]
  if (all.length === 0) return null
  return (
    <Group gap="xs" aria-label={t('studio.variables')} role="group">
      {all.map(([name, value]) => (
        <Badge key={name} variant="light">
          {name} = {JSON.stringify(value)}
        </Badge>
      ))}
    </Group>
  )
}

/** Keeps what was played as a scenario that expects the same again. */
function Keep({ tenant, flow, order, of }: { tenant: string; flow: string; order: Order; of: Simulated }) {
  const { t } = useTranslation()
  const queries = useQueryClient()
  const [name, call] = useState('')
  const kept = useMutation({
    mutationFn: () => {
      const expect: Schema<'Expectation'>[] = []
      if (of.queue !== null) expect.push({ kind: 'queue', value: of.queue })
      if (of.ended !== null) expect.push({ kind: 'ends', value: of.ended.how })
      return data(
        api.PUT('/api/v1/tenants/{tenant}/flows/{flow}/scenarios/{scenario}', {
          params: { path: { tenant, flow, scenario: name } },
          body: { order, expect },
        }),
      )
    },
    onSuccess: () => {
      call('')
      return queries.invalidateQueries({ queryKey: ['scenarios', tenant, flow] })
    },
  })
  return (
    <Group gap="xs" align="flex-end">
      <TextInput
        label={t('studio.keep_as')}
        value={name}
        error={kept.error?.message}
        onChange={(event) => call(event.currentTarget.value)}
        style={{ flex: 1 }}
      />
      <Button variant="default" disabled={name.trim() === ''} loading={kept.isPending} onClick={() => kept.mutate()}>
        {t('studio.keep')}
      </Button>
    </Group>
  )
}
