import { Anchor, Badge, Group, Paper, Stack, Table, Text, TextInput, Title } from '@mantine/core'
import { IconHeadset, IconSearch } from '@tabler/icons-react'
import { Link, useParams } from '@tanstack/react-router'
import { useState } from 'react'
import { useTranslation } from 'react-i18next'
import type { Schema } from '../api/client'
import { useAgents } from '../board/board'
import { SuperviseMenu } from '../desk/Supervise'
import { Empty } from '../ui/Empty'
import { Listing } from '../ui/Listing'
import { Loaded } from '../ui/Loaded'
import { AgentState } from '../ui/Standing'
import { duration, useNow } from '../ui/time'

/** Every agent: the state and for how long, what is in hand, queues and skills. */
export function Agents() {
  const { t } = useTranslation()
  const { tenant } = useParams({ from: '/t/$tenant' })
  const agents = useAgents(tenant)
  const [text, write] = useState('')
  return (
    <Stack>
      <Group justify="space-between">
        <Title order={1} size="h3">
          {t('agents.title')}
        </Title>
        <TextInput
          w={320}
          aria-label={t('agents.find')}
          placeholder={t('agents.find')}
          leftSection={<IconSearch size={16} aria-hidden />}
          value={text}
          onChange={(event) => write(event.currentTarget.value)}
        />
      </Group>
      <Paper withBorder p="md">
        <Loaded query={agents} height={240}>
          {({ items }) => {
            const found = items.filter((agent) => fits(agent, text.trim().toLowerCase()))
            if (found.length > 0) return <List tenant={tenant} all={found} />
            if (items.length > 0) return <Empty icon={IconHeadset} title={t('agents.unknown')} text={t('agents.unknown_about')} />
            return <Empty icon={IconHeadset} title={t('wallboard.no_agents')} text={t('wallboard.no_agents_about')} />
          }}
        </Loaded>
      </Paper>
    </Stack>
  )
}

/** Whether an agent's name, queue or skill has the text in it. */
function fits({ agent, queues, skills }: Schema<'Agent'>, text: string): boolean {
  return [agent, ...Object.keys(queues), ...Object.keys(skills)].some((name) => name.toLowerCase().includes(text))
}

function List({ tenant, all }: { tenant: string; all: Schema<'Agent'>[] }) {
  const { t } = useTranslation()
  const now = useNow()
  const columns = ['agent', 'state', 'since', 'serves', 'queues', 'skills', 'contacts', 'talk'] as const
  return (
    <Listing heads={columns.map((column) => t(`agents.${column}`))} minWidth={960}>
      {all.map((one) => (
        <Table.Tr key={one.agent}>
          <Table.Th scope="row">{one.agent}</Table.Th>
          <Table.Td>
            <AgentState tenant={tenant} of={one} />
            {one.reason !== null && (
              <Text size="xs" c="dimmed">
                {one.reason}
              </Text>
            )}
            {one.next !== null && (
              <Text size="xs" c="dimmed">
                {t('agents.then', { state: t(`state.${one.next.state}`) })}
              </Text>
            )}
          </Table.Td>
          <Table.Td>{one.since === null ? '–' : duration(now - Date.parse(one.since))}</Table.Td>
          <Table.Td>
            <Serves tenant={tenant} of={one} />
          </Table.Td>
          <Table.Td>
            <Levels of={one.queues} />
          </Table.Td>
          <Table.Td>
            <Levels of={one.skills} />
          </Table.Td>
          <Table.Td>{one.contacts}</Table.Td>
          <Table.Td>{duration(one.talk_ms)}</Table.Td>
        </Table.Tr>
      ))}
    </Listing>
  )
}

/** What rings and what is in hand, each a link to its story. */
function Serves({ tenant, of }: { tenant: string; of: Schema<'Agent'> }) {
  const { t } = useTranslation()
  const rings = of.offer === null ? [] : [{ ...of.offer, state: 'ringing' as const }]
  const all = [...rings, ...of.works]
  if (all.length === 0) return '–'
  return (
    <Stack gap={2} align="flex-start">
      {all.map(({ interaction, channel, queue, state }) => (
        <Group key={interaction} gap="xs" wrap="nowrap">
          <Anchor
            size="sm"
            renderRoot={(props) => (
              <Link to="/t/$tenant/interactions/$interaction" params={{ tenant, interaction }} {...props} />
            )}
          >
            {[channel, queue, t(`queue.work.${state}`)].join(' · ')}
          </Anchor>
          {channel === 'voice' && state === 'talking' && <SuperviseMenu interaction={interaction} agent={of.agent} />}
        </Group>
      ))}
    </Stack>
  )
}

function Levels({ of }: { of: Record<string, number> }) {
  const all = Object.entries(of)
  if (all.length === 0) return '–'
  return (
    <Group gap={4}>
      {all.map(([name, level]) => (
        <Badge key={name} variant="light" color="gray">
          {name} {level}
        </Badge>
      ))}
    </Group>
  )
}
