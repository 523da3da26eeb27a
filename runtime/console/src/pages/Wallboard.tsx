import { Badge, Grid, Group, Paper, Progress, Stack, Table, Text, Title, Tooltip } from '@mantine/core'
import { IconHeadset, IconUsersGroup } from '@tabler/icons-react'
import { useQuery } from '@tanstack/react-query'
import { useParams } from '@tanstack/react-router'
import { useTranslation } from 'react-i18next'
import { api, data, type Schema } from '../api/client'
import { Empty } from '../ui/Empty'
import { Loaded } from '../ui/Loaded'
import { AgentState, QueueDoor } from '../ui/Standing'
import { duration, useNow } from '../ui/time'

/** Without an event it is looked again: waits grow by themselves. */
const EVERY_MS = 5_000

export function Wallboard() {
  const { t } = useTranslation()
  const { tenant } = useParams({ from: '/t/$tenant' })
  const path = { params: { path: { tenant } } }
  const queues = useQuery({
    queryKey: ['live', tenant, 'queues'],
    queryFn: () => data(api.GET('/api/v1/tenants/{tenant}/queues', path)),
    refetchInterval: EVERY_MS,
  })
  const agents = useQuery({
    queryKey: ['live', tenant, 'agents'],
    queryFn: () => data(api.GET('/api/v1/tenants/{tenant}/agents', path)),
    refetchInterval: EVERY_MS,
  })
  const waiting = queues.data?.items.reduce((sum, queue) => sum + queue.live.waiting, 0) ?? 0
  return (
    <Stack>
      <Group justify="space-between">
        <Title order={1} size="h3">
          {t('wallboard.title')}
        </Title>
        <Badge size="lg" variant="light" color={waiting > 0 ? 'orange' : 'teal'}>
          {t('wallboard.waiting', { count: waiting })}
        </Badge>
      </Group>
      <Grid>
        <Grid.Col span={{ base: 12, lg: 8 }}>
          <Paper withBorder p="md">
            <Title order={2} size="h5" mb="sm">
              {t('wallboard.queues')}
            </Title>
            <Loaded query={queues} height={120}>
              {({ items }) => <Queues tenant={tenant} all={items} since={queues.dataUpdatedAt} />}
            </Loaded>
          </Paper>
        </Grid.Col>
        <Grid.Col span={{ base: 12, lg: 4 }}>
          <Paper withBorder p="md">
            <Title order={2} size="h5" mb="sm">
              {t('wallboard.agents')}
            </Title>
            <Loaded query={agents} height={120}>
              {({ items }) => <Agents tenant={tenant} all={items} />}
            </Loaded>
          </Paper>
        </Grid.Col>
      </Grid>
    </Stack>
  )
}

function Queues({ tenant, all, since }: { tenant: string; all: Schema<'Queue'>[]; since: number }) {
  const { t } = useTranslation()
  const now = useNow()
  if (all.length === 0) {
    return <Empty icon={IconUsersGroup} title={t('wallboard.no_queues')} text={t('wallboard.no_queues_about')} />
  }
  const columns = ['queue', 'waiting', 'longest', 'service_level', 'answered', 'abandoned', 'ready', 'busy'] as const
  return (
    <Table.ScrollContainer minWidth={640}>
      <Table verticalSpacing="xs" horizontalSpacing="xs">
        <Table.Thead>
          <Table.Tr>
            {columns.map((column) => (
              <Table.Th key={column}>{t(`wallboard.${column}`)}</Table.Th>
            ))}
          </Table.Tr>
        </Table.Thead>
        <Table.Tbody>
          {all.map((one) => {
            const { queue, live, figures, target } = one
            return (
              <Table.Tr key={queue}>
                <Table.Th scope="row">
                  <Group gap="xs" wrap="nowrap">
                    <QueueDoor tenant={tenant} of={one} />
                    {queue}
                    {!live.open && (
                      <Badge color="gray" variant="light" size="sm">
                        {t('wallboard.closed')}
                      </Badge>
                    )}
                  </Group>
                </Table.Th>
                <Table.Td fw={live.waiting > 0 ? 700 : undefined}>{live.waiting}</Table.Td>
                <Table.Td>{live.waiting > 0 ? duration(live.longest_wait_ms + now - since) : '–'}</Table.Td>
                <Table.Td>
                  <ServiceLevel level={figures.service_level} wanted={target?.share} name={queue} />
                </Table.Td>
                <Table.Td>{figures.answered}</Table.Td>
                <Table.Td>{figures.abandoned}</Table.Td>
                <Table.Td>{live.ready}</Table.Td>
                <Table.Td>{live.busy}</Table.Td>
              </Table.Tr>
            )
          })}
        </Table.Tbody>
      </Table>
    </Table.ScrollContainer>
  )
}

function ServiceLevel({ level, wanted, name }: { level: number | null; wanted: number | undefined; name: string }) {
  const { t } = useTranslation()
  if (level === null) {
    return (
      <Text size="sm" c="dimmed">
        {t('wallboard.no_data')}
      </Text>
    )
  }
  const percent = Math.round(level * 100)
  const good = wanted === undefined || level >= wanted
  return (
    <Tooltip label={t('wallboard.service_level_about')}>
      <Group gap="xs" wrap="nowrap">
        <Progress
          w={64}
          value={percent}
          color={good ? 'teal' : 'orange'}
          aria-label={`${name}: ${t('wallboard.service_level')} ${percent} %`}
        />
        <Text size="sm" style={{ whiteSpace: 'nowrap' }}>
          {percent} %
        </Text>
      </Group>
    </Tooltip>
  )
}

function Agents({ tenant, all }: { tenant: string; all: Schema<'Agent'>[] }) {
  const { t } = useTranslation()
  const now = useNow()
  if (all.length === 0) {
    return <Empty icon={IconHeadset} title={t('wallboard.no_agents')} text={t('wallboard.no_agents_about')} />
  }
  return (
    <Table verticalSpacing="xs">
      <Table.Thead>
        <Table.Tr>
          <Table.Th>{t('wallboard.agent')}</Table.Th>
          <Table.Th>{t('wallboard.state')}</Table.Th>
          <Table.Th>{t('wallboard.since')}</Table.Th>
        </Table.Tr>
      </Table.Thead>
      <Table.Tbody>
        {all.map((one) => (
          <Table.Tr key={one.agent}>
            <Table.Th scope="row">{one.agent}</Table.Th>
            <Table.Td>
              <AgentState tenant={tenant} of={one} />
            </Table.Td>
            <Table.Td>{one.since === null ? '–' : duration(now - Date.parse(one.since))}</Table.Td>
          </Table.Tr>
        ))}
      </Table.Tbody>
    </Table>
  )
}
