import { ActionIcon, Alert, Anchor, Button, Group, Menu, Modal, NumberInput, Paper, Stack, Table, Text, Title, Tooltip } from '@mantine/core'
import { IconCircleCheck, IconDots } from '@tabler/icons-react'
import { useMutation, useQueryClient } from '@tanstack/react-query'
import { Link } from '@tanstack/react-router'
import { useState, type FormEvent, type ReactNode } from 'react'
import { useTranslation } from 'react-i18next'
import { api, data, type Schema } from '../api/client'
import type { Estimate } from '../api/events'
import { useSession } from '../api/session'
import { Empty } from '../ui/Empty'
import { Listing, Opener } from '../ui/Listing'
import { duration } from '../ui/time'
import { useUndo } from '../ui/Undo'
import { STALE_MS } from './board'
import { useEstimates } from './Estimated'
import { between } from './ServiceLevel'

type Place = Schema<'QueueLive'>['line'][number]

/** What may be done to a contact that waits. */
type Act = { interaction: string; queue: string } | { interaction: string; priority: number }

/** Priorities that the server takes. */
const PRIORITY = { least: -128, most: 127, usual: 0 }

interface Props {
  tenant: string
  of: Schema<'Queue'>
  others: string[]
  contacts: Map<string, Schema<'Interaction'>>
  since: number
  now: number
}

/** Does something to who waits in a queue, and offers to take it back. */
function useActs(tenant: string, of: Schema<'Queue'>, name: (place: Place) => string) {
  const { t } = useTranslation()
  const queries = useQueryClient()
  const undo = useUndo()
  const act = useMutation({
    mutationFn: (what: Act) => {
      const params = { path: { tenant, interaction: what.interaction } }
      if ('queue' in what) {
        const body = { queue: what.queue }
        return data(api.POST('/api/v1/tenants/{tenant}/interactions/{interaction}/move', { params, body }))
      }
      const body = { priority: what.priority }
      return data(api.POST('/api/v1/tenants/{tenant}/interactions/{interaction}/prioritise', { params, body }))
    },
    onSettled: () => queries.invalidateQueries({ queryKey: ['live', tenant] }),
  })
  // What goes wrong is shown as the mutation's error.
  const doing = (said: string, what: Act, back: Act) =>
    void act.mutateAsync(what).then(() => undo.done(said, () => act.mutateAsync(back))).catch(() => undefined)
  return {
    error: act.error,
    bar: undo.bar,
    move: (place: Place, queue: string) => {
      const { interaction } = place
      doing(t('queue.moved', { who: name(place), queue }), { interaction, queue }, { interaction, queue: of.queue })
    },
    prioritise: (place: Place, priority: number) => {
      const { interaction } = place
      const back = { interaction, priority: place.priority }
      doing(t('queue.prioritised', { who: name(place), priority }), { interaction, priority }, back)
    },
  }
}

/** Who waits, next first, and what may be done about it. */
export function Line({ tenant, of, others, contacts, since, now }: Props) {
  const { t } = useTranslation()
  const estimates = useEstimates(tenant)
  const { may } = useSession()
  const { line, waiting } = of.live
  const name = (place: Place) => contacts.get(place.interaction)?.ani ?? place.interaction
  const { error, bar, move, prioritise } = useActs(tenant, of, name)
  const top = Math.max(...line.map((place) => place.priority))
  const columns = ['position', 'contact', 'waited', 'estimated', 'priority', 'rings', 'card', 'acts'] as const
  return (
    <Paper withBorder p="md">
      <Title order={2} size="h5" mb="sm">
        {t('queue.line', { count: waiting })}
      </Title>
      <Stack gap="sm">
        {bar}
        {error !== null && <Alert color="red">{error.message}</Alert>}
        {line.length === 0 ? (
          <Empty icon={IconCircleCheck} title={t('queue.none')} text={t('queue.none_about')} />
        ) : (
          <Listing heads={columns.map((column) => t(`queue.${column}`))} minWidth={720}>
            {line.map((place) => (
              <Row
                key={place.interaction}
                tenant={tenant}
                place={place}
                contact={contacts.get(place.interaction)}
                estimate={estimates.find((estimate) => estimate.interaction === place.interaction)}
                waited={place.waited_ms + Math.min(Math.max(0, now - since), STALE_MS)}
                acts={
                  may('supervise') && (
                    <Acts
                      name={name(place)}
                      place={place}
                      others={others}
                      first={Math.min(PRIORITY.most, top + 1)}
                      move={(queue) => move(place, queue)}
                      prioritise={(priority) => prioritise(place, priority)}
                    />
                  )
                }
              />
            ))}
          </Listing>
        )}
        {line.length < waiting && (
          <Text size="sm" c="dimmed">
            {t('queue.first_only', { shown: line.length, count: waiting })}
          </Text>
        )}
      </Stack>
    </Paper>
  )
}

interface RowProps {
  tenant: string
  place: Place
  contact: Schema<'Interaction'> | undefined
  estimate: Estimate | undefined
  waited: number
  acts: ReactNode
}

function Row({ tenant, place, contact, estimate, waited, acts }: RowProps) {
  const card = contact?.contact ?? null
  return (
    <Table.Tr>
      <Table.Td>{place.position}</Table.Td>
      <Opener
        link={(props) => (
          <Link
            to="/t/$tenant/interactions/$interaction"
            params={{ tenant, interaction: place.interaction }}
            {...props}
          />
        )}
      >
        {contact?.ani ?? place.interaction}
      </Opener>
      <Table.Td>{duration(waited)}</Table.Td>
      <Table.Td>{estimate === undefined ? '–' : between(estimate.p50_ms, estimate.p90_ms)}</Table.Td>
      <Table.Td>{place.priority}</Table.Td>
      <Table.Td>{place.ringing ?? '–'}</Table.Td>
      <Table.Td>
        {card === null ? (
          '–'
        ) : (
          <Anchor size="sm" renderRoot={(props) => <Link to="/t/$tenant/contacts/$contact" params={{ tenant, contact: card }} {...props} />}>
            {card}
          </Anchor>
        )}
      </Table.Td>
      <Table.Td>{acts}</Table.Td>
    </Table.Tr>
  )
}

interface ActsProps {
  name: string
  place: Place
  others: string[]
  /** The priority by which it is served before all others. */
  first: number
  move: (queue: string) => void
  prioritise: (priority: number) => void
}

function Acts({ name, place, others, first, move, prioritise }: ActsProps) {
  const { t } = useTranslation()
  const [asked, ask] = useState(false)
  const says = `${name}: ${t('queue.acts')}`
  return (
    <>
      <Menu position="bottom-end" withinPortal>
        <Menu.Target>
          <Tooltip label={says}>
            <ActionIcon variant="default" aria-label={says}>
              <IconDots size={16} />
            </ActionIcon>
          </Tooltip>
        </Menu.Target>
        <Menu.Dropdown mah={360} style={{ overflowY: 'auto' }}>
          <Menu.Label>{t('queue.priority')}</Menu.Label>
          <Menu.Item disabled={place.position === 1} onClick={() => prioritise(first)}>
            {t('queue.to_front')}
          </Menu.Item>
          <Menu.Item disabled={place.priority === PRIORITY.usual} onClick={() => prioritise(PRIORITY.usual)}>
            {t('queue.usual_priority')}
          </Menu.Item>
          <Menu.Item onClick={() => ask(true)}>{t('queue.own_priority')}</Menu.Item>
          {others.length > 0 && <Menu.Label>{t('queue.move')}</Menu.Label>}
          {others.map((queue) => (
            <Menu.Item key={queue} onClick={() => move(queue)}>
              {queue}
            </Menu.Item>
          ))}
        </Menu.Dropdown>
      </Menu>
      {asked && <Priority name={name} now={place.priority} set={prioritise} close={() => ask(false)} />}
    </>
  )
}

function Priority({ name, now, set, close }: { name: string; now: number; set: (priority: number) => void; close: () => void }) {
  const { t } = useTranslation()
  const [value, change] = useState<string | number>(now)
  const submit = (event: FormEvent) => {
    event.preventDefault()
    if (typeof value === 'number') set(value)
    close()
  }
  return (
    <Modal opened onClose={close} title={t('queue.priority_of', { who: name })} closeButtonProps={{ 'aria-label': t('cancel') }}>
      <form onSubmit={submit}>
        <NumberInput
          data-autofocus
          label={t('queue.priority')}
          description={t('queue.priority_about', PRIORITY)}
          min={PRIORITY.least}
          max={PRIORITY.most}
          allowDecimal={false}
          value={value}
          onChange={change}
          hideControls
        />
        <Group justify="flex-end" mt="md">
          <Button type="submit" disabled={typeof value !== 'number'}>
            {t('board.save')}
          </Button>
        </Group>
      </form>
    </Modal>
  )
}
