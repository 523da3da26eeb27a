import { Badge, Button, Grid, Group, Paper, Select, SimpleGrid, Stack, Table, Title } from '@mantine/core'
import { IconDeviceTv, IconHeadset, IconUsersGroup } from '@tabler/icons-react'
import { Link, useParams } from '@tanstack/react-router'
import { useTranslation } from 'react-i18next'
import type { Schema } from '../api/client'
import { Alarms } from '../board/Alarms'
import { FORMULAS, useAgents, useDay, useFormula, useQueues, type Formula } from '../board/board'
import { Tile } from '../board/Tile'
import { named, type Kpis } from '../report/kpis'
import { Empty } from '../ui/Empty'
import { Loaded } from '../ui/Loaded'
import { AgentState } from '../ui/Standing'
import { duration, useNow } from '../ui/time'

export function Wallboard() {
  const { t } = useTranslation()
  const { tenant } = useParams({ from: '/t/$tenant' })
  const [queues, agents, day] = [useQueues(tenant), useAgents(tenant), useDay(tenant)]
  const waiting = queues.data?.items.reduce((sum, queue) => sum + queue.live.waiting, 0) ?? 0
  return (
    <Stack>
      <Group justify="space-between">
        <Group>
          <Title order={1} size="h3">
            {t('wallboard.title')}
          </Title>
          <Badge size="lg" variant="light" color={waiting > 0 ? 'orange' : 'teal'}>
            {t('wallboard.waiting', { count: waiting })}
          </Badge>
        </Group>
        <Group gap="sm">
          <Formulas day={day.data} />
          <Button
            variant="default"
            leftSection={<IconDeviceTv size={16} aria-hidden />}
            // Only what somebody has just done may fill the screen; where it may not, the page fills the window.
            onClick={() => void document.documentElement.requestFullscreen?.().catch(() => undefined)}
            renderRoot={(props) => <Link to="/t/$tenant/wall/tv" params={{ tenant }} {...props} />}
          >
            {t('board.tv')}
          </Button>
        </Group>
      </Group>
      <Grid>
        <Grid.Col span={{ base: 12, lg: 8 }}>
          <Loaded query={queues} height={240}>
            {({ items }) => <Queues tenant={tenant} all={items} day={day.data} since={queues.dataUpdatedAt} />}
          </Loaded>
        </Grid.Col>
        <Grid.Col span={{ base: 12, lg: 4 }}>
          <Stack>
            <Alarms tenant={tenant} />
            <Paper withBorder p="md">
              <Title order={2} size="h5" mb="sm">
                {t('wallboard.agents')}
              </Title>
              <Loaded query={agents} height={120}>
                {({ items }) => <Agents tenant={tenant} all={items} />}
              </Loaded>
            </Paper>
          </Stack>
        </Grid.Col>
      </Grid>
    </Stack>
  )
}

/** Which service level is shown, with the names and formulas as the server has them. */
function Formulas({ day }: { day: Kpis | undefined }) {
  const { t, i18n } = useTranslation()
  const [formula, choose] = useFormula()
  const label = (key: Formula) => {
    const definition = day?.definitions[key]
    return definition === undefined ? key : `${named(definition, i18n.language)}: ${definition.formula}`
  }
  return (
    <Select
      aria-label={t('wallboard.service_level')}
      w={340}
      data={FORMULAS.map((value) => ({ value, label: label(value) }))}
      value={formula}
      allowDeselect={false}
      onChange={(value) => value !== null && choose(value as Formula)}
    />
  )
}

interface Shown {
  tenant: string
  all: Schema<'Queue'>[]
  day: Kpis | undefined
  since: number
}

function Queues({ tenant, all, day, since }: Shown) {
  const { t } = useTranslation()
  const now = useNow()
  const [formula] = useFormula()
  if (all.length === 0) {
    return (
      <Paper withBorder p="md">
        <Empty icon={IconUsersGroup} title={t('wallboard.no_queues')} text={t('wallboard.no_queues_about')} />
      </Paper>
    )
  }
  return (
    <SimpleGrid cols={{ base: 1, sm: 2 }}>
      {all.map((of) => (
        <Tile key={of.queue} tenant={tenant} watched={{ of, day, formula, since, now }} />
      ))}
    </SimpleGrid>
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
