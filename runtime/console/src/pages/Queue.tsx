import { Badge, Button, Grid, Group, Paper, Stack, Table, Text, Title } from '@mantine/core'
import { useDisclosure } from '@mantine/hooks'
import { IconAdjustments, IconHeadset, IconMoodSmile } from '@tabler/icons-react'
import { useQuery } from '@tanstack/react-query'
import { Link, useParams } from '@tanstack/react-router'
import { useTranslation } from 'react-i18next'
import { api, data, type Schema } from '../api/client'
import { seen, useAgents, useDay, useFormula, useLimits, useQueues } from '../board/board'
import { Estimated } from '../board/Estimated'
import { Line } from '../board/Line'
import { crossings } from '../board/limits'
import { LimitsDialog } from '../board/LimitsDialog'
import { ServiceLevel } from '../board/ServiceLevel'
import { StandingBadge } from '../board/Tile'
import { Back } from '../ui/Back'
import { Empty } from '../ui/Empty'
import { Listing, Opener } from '../ui/Listing'
import { Loaded } from '../ui/Loaded'
import { AgentState, QueueDoor } from '../ui/Standing'
import { duration, useNow } from '../ui/time'

/** Of so many that are in progress it is known from where they come. */
const CONTACTS = 500

/** One queue: who waits, who is served, and who is there to serve. */
export function Queue() {
  const { t } = useTranslation()
  const { tenant, queue } = useParams({ from: '/t/$tenant/queues/$queue' })
  const now = useNow()
  const [queues, agents] = [useQueues(tenant), useAgents(tenant)]
  const open = useQuery({
    // Of all queues: which one it is in is kept of an interaction only at its end.
    queryKey: ['live', tenant, 'interactions', 'open'],
    queryFn: () => {
      const query = { open: true, limit: CONTACTS }
      return data(api.GET('/api/v1/tenants/{tenant}/interactions', { params: { path: { tenant }, query } }))
    },
  })
  const contacts = new Map(open.data?.items.map((one) => [one.id, one]))
  return (
    <Stack>
      <Back tenant={tenant} to="wallboard" label={t('queue.back')} />
      <Title order={1} size="h3">
        {queue}
      </Title>
      <Loaded query={queues} height={240}>
        {({ items }) => {
          const of = items.find((one) => one.queue === queue)
          if (of === undefined) return <Text>{t('queue.unknown', { queue })}</Text>
          return (
            <Grid>
              <Grid.Col span={{ base: 12, lg: 8 }}>
                <Stack>
                  <Line
                    tenant={tenant}
                    of={of}
                    others={items.map((one) => one.queue).filter((other) => other !== queue)}
                    contacts={contacts}
                    since={queues.dataUpdatedAt}
                    now={now}
                  />
                  <Served tenant={tenant} queue={queue} agents={agents.data?.items ?? []} contacts={contacts} now={now} />
                </Stack>
              </Grid.Col>
              <Grid.Col span={{ base: 12, lg: 4 }}>
                <Stack>
                  <State tenant={tenant} of={of} since={queues.dataUpdatedAt} now={now} />
                  <Loaded query={agents} height={120}>
                    {({ items }) => <Members tenant={tenant} queue={queue} agents={items} now={now} />}
                  </Loaded>
                </Stack>
              </Grid.Col>
            </Grid>
          )
        }}
      </Loaded>
    </Stack>
  )
}

function State({ tenant, of, since, now }: { tenant: string; of: Schema<'Queue'>; since: number; now: number }) {
  const { t } = useTranslation()
  const day = useDay(tenant)
  const [formula] = useFormula()
  const limits = useLimits(tenant)
  const [opened, { open, close }] = useDisclosure()
  const crossed = crossings(of.queue, seen(of, day.data, formula, since, now), limits.of(of))
  return (
    <Paper withBorder p="md">
      <Stack gap="sm">
        <Group justify="space-between" align="flex-start" wrap="nowrap">
          <StandingBadge open={of.live.open} crossed={crossed} />
          <QueueDoor tenant={tenant} of={of} />
        </Group>
        <ServiceLevel of={of} day={day.data} formula={formula} />
        <Estimated tenant={tenant} of={of} />
        <Button variant="default" size="xs" leftSection={<IconAdjustments size={16} aria-hidden />} onClick={open}>
          {t('board.limits')}
        </Button>
      </Stack>
      {opened && (
        <LimitsDialog of={of} limits={limits.of(of)} save={(own) => limits.set(of.queue, own)} close={close} />
      )}
    </Paper>
  )
}

interface Served {
  tenant: string
  queue: string
  agents: Schema<'Agent'>[]
  contacts: Map<string, Schema<'Interaction'>>
  now: number
}

/** Conversations of the queue, those that ring included. */
function Served({ tenant, queue, agents, contacts, now }: Served) {
  const { t } = useTranslation()
  const rows = agents.flatMap(({ agent, since, works, offer }) => [
    ...works.filter((work) => work.queue === queue).map(({ interaction, state }) => ({ agent, since, interaction, state })),
    ...(offer?.queue === queue ? [{ agent, since, interaction: offer.interaction, state: 'ringing' as const }] : []),
  ])
  const heads = (['contact', 'agent', 'state', 'for'] as const).map((column) => t(`queue.${column}`))
  return (
    <Paper withBorder p="md">
      <Title order={2} size="h5" mb="sm">
        {t('queue.served')}
      </Title>
      {rows.length === 0 ? (
        <Text size="sm" c="dimmed">
          {t('queue.none_served')}
        </Text>
      ) : (
        <Listing heads={heads} minWidth={480}>
          {rows.map(({ agent, since, interaction, state }) => {
            const contact = contacts.get(interaction)
            return (
              <Table.Tr key={`${agent} ${interaction}`}>
                <Opener
                  link={(props) => (
                    <Link to="/t/$tenant/interactions/$interaction" params={{ tenant, interaction }} {...props} />
                  )}
                >
                  {contact?.ani ?? interaction}
                </Opener>
                <Table.Td>{agent}</Table.Td>
                <Table.Td>{t(`queue.work.${state}`)}</Table.Td>
                <Table.Td>{since === null ? '–' : duration(now - Date.parse(since))}</Table.Td>
              </Table.Tr>
            )
          })}
        </Listing>
      )}
    </Paper>
  )
}

/** Who can take a contact now stands first. */
const ORDER: Schema<'Agent'>['state'][] = ['ready', 'reserved', 'busy', 'after_call_work', 'not_ready', 'logged_out']

/** Who serves the queue, how well, and what they are doing. */
function Members({ tenant, queue, agents, now }: { tenant: string; queue: string; agents: Schema<'Agent'>[]; now: number }) {
  const { t } = useTranslation()
  const members = agents
    .filter((agent) => queue in agent.queues)
    .sort((one, other) => ORDER.indexOf(one.state) - ORDER.indexOf(other.state))
  const ready = members.filter((agent) => agent.state === 'ready').length
  return (
    <Paper withBorder p="md">
      <Group justify="space-between" mb="sm">
        <Title order={2} size="h5">
          {t('wallboard.agents')}
        </Title>
        <Badge variant="light" color={ready > 0 ? 'teal' : 'orange'} leftSection={ready > 0 && <IconMoodSmile size={14} aria-hidden />}>
          {t('queue.ready', { count: ready })}
        </Badge>
      </Group>
      {members.length === 0 ? (
        <Empty icon={IconHeadset} title={t('queue.no_members')} text={t('queue.no_members_about')} />
      ) : (
        <Listing heads={[t('queue.level'), t('wallboard.state'), t('wallboard.since')]} minWidth={300}>
          {members.map((one) => (
            <Table.Tr key={one.agent}>
              <Table.Th scope="row">
                {one.agent}, {one.queues[queue]}
              </Table.Th>
              <Table.Td>
                <AgentState tenant={tenant} of={one} />
              </Table.Td>
              <Table.Td>{one.since === null ? '–' : duration(now - Date.parse(one.since))}</Table.Td>
            </Table.Tr>
          ))}
        </Listing>
      )}
    </Paper>
  )
}
