import { Badge, Button, Group, Menu, Text } from '@mantine/core'
import { IconChevronDown } from '@tabler/icons-react'
import { useMutation } from '@tanstack/react-query'
import { useTranslation } from 'react-i18next'
import { duration, useNow } from '../ui/time'
import { useDesk } from './context'
import type { View } from './socket'

/** Pauses to choose from. What is kept is the word, which reports tell apart. */
export const PAUSES = ['break', 'lunch', 'meeting', 'training'] as const

const COLOURS = {
  logged_out: 'gray',
  not_ready: 'yellow',
  ready: 'teal',
  reserved: 'blue',
  busy: 'blue',
  after_call_work: 'grape',
} as const

/** What the agent is doing and for how long, and a way to change it. */
export function StateSwitch({ agent }: { agent: View['agent'] }) {
  const { t } = useTranslation()
  const desk = useDesk()
  const now = useNow()
  const set = useMutation({
    mutationFn: (wanted: { state: string; reason?: string }) => desk?.socket.ask('state', wanted) ?? Promise.reject(),
  })
  const { state, reason } = agent.state
  const since = agent.since === null ? undefined : duration(now - Date.parse(agent.since))
  const why = reason === null ? '' : `: ${t(`desk.pauses.${reason}`, { defaultValue: reason })}`
  return (
    <Group gap="sm">
      <Badge size="xl" variant="light" color={COLOURS[state]} role="status">
        {t(`state.${state}`)}
        {why}
      </Badge>
      {since !== undefined && (
        <Text ff="monospace" aria-label={t('desk.for', { time: since })}>
          {since}
        </Text>
      )}
      {(['not_ready', 'logged_out', 'after_call_work'].includes(state) || agent.next !== null) && (
        <Button color="teal" loading={set.isPending} onClick={() => set.mutate({ state: 'ready' })}>
          {t('desk.ready')}
        </Button>
      )}
      {state !== 'logged_out' && (
        <Pauses onChoose={(reason) => set.mutate({ state: 'not_ready', reason })} label={t('desk.pause')} />
      )}
      {state !== 'logged_out' && (
        <Button variant="default" onClick={() => set.mutate({ state: 'logged_out' })}>
          {t('desk.finish_work')}
        </Button>
      )}
      {agent.next !== null && <Text size="sm">{t('desk.next', { state: t(`state.${agent.next.state}`) })}</Text>}
      {set.error !== null && (
        <Text c="red" size="sm" role="alert">
          {set.error.message}
        </Text>
      )}
    </Group>
  )
}

function Pauses({ onChoose, label }: { onChoose: (reason: string) => void; label: string }) {
  const { t } = useTranslation()
  return (
    <Menu position="bottom-start">
      <Menu.Target>
        <Button variant="default" rightSection={<IconChevronDown size={14} aria-hidden />}>
          {label}
        </Button>
      </Menu.Target>
      <Menu.Dropdown>
        {PAUSES.map((pause) => (
          <Menu.Item key={pause} onClick={() => onChoose(pause)}>
            {t(`desk.pauses.${pause}`)}
          </Menu.Item>
        ))}
      </Menu.Dropdown>
    </Menu>
  )
}
