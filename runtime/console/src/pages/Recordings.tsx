import { Alert, Badge, Button, Center, Grid, Group, NumberInput, Paper, Select, Stack, Table, Text, TextInput, Title } from '@mantine/core'
import { useDebouncedValue } from '@mantine/hooks'
import { IconMicrophone } from '@tabler/icons-react'
import { useInfiniteQuery } from '@tanstack/react-query'
import { Link, useParams } from '@tanstack/react-router'
import { lazy, Suspense, useState } from 'react'
import { useTranslation } from 'react-i18next'
import type { Schema } from '../api/client'
import { useAgents, useQueues } from '../board/board'
import { findRecordings, type Wanted } from '../sound/found'
import { Empty } from '../ui/Empty'
import { Listing } from '../ui/Listing'
import { Loaded } from '../ui/Loaded'
import { day, days } from '../ui/period'
import { duration } from '../ui/time'

const Player = lazy(() => import('../sound/Player').then(({ Player }) => ({ default: Player })))

/** How long nobody has typed before it is looked for, in milliseconds. */
const LOOK_AFTER_MS = 300
/** Where the period begins when the page is opened: so many days ago. */
const DAYS = 6

/** The filters as they stand in their fields. */
interface Filters {
  queue: string | null
  agent: string | null
  number: string
  first: string
  last: string
  least: string | number
  most: string | number
}

function opening(): Filters {
  const now = new Date()
  const first = day(new Date(now.getFullYear(), now.getMonth(), now.getDate() - DAYS))
  return { queue: null, agent: null, number: '', first, last: day(now), least: '', most: '' }
}

/** What the fields ask for; undefined if the last day is before the first. */
function wantedBy({ queue, agent, number, first, last, least, most }: Filters): Wanted | undefined {
  const period = days(first, last)
  const whole = (value: string | number) => (typeof value === 'number' ? value : null)
  return period && { queue, agent, number: number.trim(), ...period, least: whole(least), most: whole(most) }
}

/** Finds recordings, and plays one beside the list. */
export function Recordings() {
  const { t } = useTranslation()
  const { tenant } = useParams({ from: '/t/$tenant' })
  const [filters, filter] = useState(opening)
  const [settled] = useDebouncedValue(filters, LOOK_AFTER_MS)
  const [chosen, choose] = useState<Schema<'Interaction'>>()
  const wanted = wantedBy(settled)
  const all = useInfiniteQuery({
    queryKey: ['recordings', tenant, wanted],
    queryFn: ({ pageParam }) => (wanted === undefined ? never() : findRecordings(tenant, wanted, pageParam)),
    initialPageParam: undefined as string | undefined,
    getNextPageParam: (part) => part.next ?? undefined,
    enabled: wanted !== undefined,
  })
  return (
    <Stack>
      <Title order={1} size="h3">
        {t('recordings.title')}
      </Title>
      <Fields tenant={tenant} of={filters} change={(some) => filter((before) => ({ ...before, ...some }))} />
      <Grid>
        <Grid.Col span={{ base: 12, lg: 7 }}>
          <Paper withBorder p="md">
            {wanted === undefined ? (
              <Alert color="orange">{t('recordings.bad_period')}</Alert>
            ) : (
              <Loaded query={all} height={240}>
                {({ pages }) => <List all={pages.flatMap((part) => part.items)} chosen={chosen?.id} choose={choose} />}
              </Loaded>
            )}
            {all.data !== undefined && (
              <Text size="sm" c="dimmed" mt="sm" role="status">
                {t('recordings.seen', { count: all.data.pages.reduce((sum, part) => sum + part.seen, 0) })}
              </Text>
            )}
            {all.hasNextPage && (
              <Center mt="md">
                <Button variant="default" size="xs" loading={all.isFetchingNextPage} onClick={() => void all.fetchNextPage()}>
                  {t('recordings.further')}
                </Button>
              </Center>
            )}
          </Paper>
        </Grid.Col>
        <Grid.Col span={{ base: 12, lg: 5 }}>
          <Paper withBorder p="md" component="section" aria-label={t('recordings.player')}>
            {chosen === undefined ? (
              <Empty icon={IconMicrophone} title={t('recordings.none_chosen')} text={t('recordings.none_chosen_about')} />
            ) : (
              <Chosen tenant={tenant} of={chosen} />
            )}
          </Paper>
        </Grid.Col>
      </Grid>
    </Stack>
  )
}

/** The query is not asked without a period. */
function never(): never {
  throw new Error('there is no period')
}

function Fields({ tenant, of, change }: { tenant: string; of: Filters; change: (some: Partial<Filters>) => void }) {
  const { t } = useTranslation()
  const [queues, agents] = [useQueues(tenant), useAgents(tenant)]
  const seconds = (name: 'least' | 'most') => (
    <NumberInput
      w={130}
      label={t(`recordings.${name}`)}
      min={0}
      allowDecimal={false}
      allowNegative={false}
      hideControls
      value={of[name]}
      onChange={(value) => change({ [name]: value })}
    />
  )
  return (
    <Paper withBorder p="md" component="search" aria-label={t('recordings.filters')}>
      <Group align="flex-end" gap="sm">
        <TextInput type="date" label={t('recordings.first')} value={of.first} onChange={(event) => change({ first: event.currentTarget.value })} />
        <TextInput type="date" label={t('recordings.last')} value={of.last} onChange={(event) => change({ last: event.currentTarget.value })} />
        <Select
          w={170}
          label={t('interactions.queue')}
          placeholder={t('recordings.any')}
          data={queues.data?.items.map((one) => one.queue) ?? []}
          value={of.queue}
          clearable
          clearButtonProps={{ 'aria-label': t('recordings.clear') }}
          searchable
          onChange={(queue) => change({ queue })}
        />
        <Select
          w={170}
          label={t('interactions.agent')}
          placeholder={t('recordings.any')}
          data={agents.data?.items.map((one) => one.agent) ?? []}
          value={of.agent}
          clearable
          clearButtonProps={{ 'aria-label': t('recordings.clear') }}
          searchable
          onChange={(agent) => change({ agent })}
        />
        <TextInput
          w={170}
          label={t('recordings.number')}
          placeholder={t('recordings.any')}
          value={of.number}
          onChange={(event) => change({ number: event.currentTarget.value })}
        />
        {seconds('least')}
        {seconds('most')}
      </Group>
    </Paper>
  )
}

interface ListProps {
  all: Schema<'Interaction'>[]
  chosen: string | undefined
  choose: (one: Schema<'Interaction'>) => void
}

function List({ all, chosen, choose }: ListProps) {
  const { t, i18n } = useTranslation()
  const moment = new Intl.DateTimeFormat(i18n.language, { dateStyle: 'short', timeStyle: 'medium' })
  if (all.length === 0) return <Empty icon={IconMicrophone} title={t('recordings.none')} text={t('recordings.none_about')} />
  const columns = ['arrived', 'from', 'queue', 'agent', 'talk'] as const
  return (
    <Listing heads={columns.map((column) => t(`interactions.${column}`))} minWidth={520} highlightOnHover>
      {all.map((one) => (
        <Table.Tr key={one.id}>
          <Table.Th scope="row">
            <Button
              variant={one.id === chosen ? 'filled' : 'subtle'}
              size="compact-sm"
              aria-pressed={one.id === chosen}
              onClick={() => choose(one)}
            >
              {moment.format(Date.parse(one.arrived_at))}
            </Button>
          </Table.Th>
          <Table.Td>{one.ani ?? '–'}</Table.Td>
          <Table.Td>{one.queue ?? '–'}</Table.Td>
          <Table.Td>{one.agent ?? '–'}</Table.Td>
          <Table.Td>{duration(one.talk_ms)}</Table.Td>
        </Table.Tr>
      ))}
    </Listing>
  )
}

function Chosen({ tenant, of }: { tenant: string; of: Schema<'Interaction'> }) {
  const { t, i18n } = useTranslation()
  const moment = new Intl.DateTimeFormat(i18n.language, { dateStyle: 'medium', timeStyle: 'medium' })
  return (
    <Stack gap="sm">
      <Group justify="space-between">
        <Title order={2} size="h5">
          {of.ani ?? of.id}
        </Title>
        <Group gap={6}>
          {[of.queue, of.agent].filter((name) => name !== null).map((name) => (
            <Badge key={name} variant="light">
              {name}
            </Badge>
          ))}
        </Group>
      </Group>
      <Text size="sm" c="dimmed">
        {moment.format(Date.parse(of.arrived_at))}
      </Text>
      {/* Another one is another player: nothing of the last is left over. */}
      <Suspense key={of.id}>
        <Player tenant={tenant} interaction={of.id} />
      </Suspense>
      <Group>
        <Button
          variant="default"
          size="xs"
          renderRoot={(props) => (
            <Link to="/t/$tenant/interactions/$interaction" params={{ tenant, interaction: of.id }} {...props} />
          )}
        >
          {t('recordings.story')}
        </Button>
      </Group>
    </Stack>
  )
}
