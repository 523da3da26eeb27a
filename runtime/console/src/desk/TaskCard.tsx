import { Alert, Badge, Button, Group, Paper, Stack, Text } from '@mantine/core'
import { IconPhone, IconPhoneOff, IconPhoneOutgoing, IconPlayerPause, IconPlayerPlay, IconArrowForwardUp, IconGridDots } from '@tabler/icons-react'
import { useMutation } from '@tanstack/react-query'
import { useState } from 'react'
import { useTranslation } from 'react-i18next'
import { duration, useNow } from '../ui/time'
import { CallBack } from './CallBack'
import { Conversation } from './Conversation'
import { useDesk } from './context'
import { Keypad } from './Keypad'
import type { Pop, Task, View } from './socket'
import { Transfer } from './Transfer'
import { WrapUp } from './WrapUp'

interface Props {
  tenant: string
  task: Task
  pop: Pop | undefined
  consult: View['consult']
  chosen: boolean
  choose: () => void
}

const COLOURS = { offered: 'blue', talking: 'teal', held: 'yellow', put_aside: 'gray', wrapping_up: 'grape' } as const

/** One customer: who, since when, and what can be done now, nothing else. */
export function TaskCard({ tenant, task, pop, consult, chosen, choose }: Props) {
  const { t } = useTranslation()
  const now = useNow()
  const who = pop?.contact?.name || pop?.ani || t('desk.unknown')
  const since = task.since === null ? '' : duration(now - Date.parse(task.since))
  return (
    <Paper
      withBorder
      p="md"
      component="section"
      aria-label={`${t(`desk.channels.${task.channel}`)}: ${who}`}
      style={chosen ? { borderColor: 'var(--mantine-primary-color-filled)', borderWidth: 2 } : undefined}
    >
      <Stack gap="sm">
        <Group justify="space-between">
          <Group gap="xs">
            <Badge color={COLOURS[task.state]} variant="light">
              {t(`desk.task.${task.state}`)}
            </Badge>
            <Button variant="subtle" size="compact-md" onClick={choose} aria-pressed={chosen}>
              {who}
            </Button>
          </Group>
          <Text ff="monospace">{since}</Text>
        </Group>
        <Text size="sm" c="dimmed">
          {t(`desk.channels.${task.channel}`)} · {t('desk.from_queue', { queue: task.queue })}
        </Text>
        {task.channel !== 'voice' && task.state !== 'offered' && (
          <Conversation tenant={tenant} task={task} customer={pop?.contact?.name} />
        )}
        <Acts tenant={tenant} task={task} consult={consult?.interaction === task.interaction ? consult : null} />
        {task.state !== 'offered' && <Later tenant={tenant} task={task} number={pop?.contact?.phones[0] ?? pop?.ani ?? ''} />}
      </Stack>
    </Paper>
  )
}

function Acts({ tenant, task, consult }: { tenant: string; task: Task; consult: View['consult'] }) {
  const { t } = useTranslation()
  const desk = useDesk()
  const [open, show] = useState<'keys' | 'transfer'>()
  const act = useMutation({
    mutationFn: ([type, fields]: [string, Record<string, unknown>?]) =>
      desk?.socket.ask(type, { interaction: task.interaction, ...fields }) ?? Promise.reject(),
  })
  const voice = task.channel === 'voice'
  if (task.state === 'wrapping_up') return <WrapUp task={task} />
  return (
    <>
      {act.error !== null && (
        <Alert color="red" role="alert">
          {act.error.message}
        </Alert>
      )}
      {task.state === 'offered' ? (
        <Group gap="sm">
          <Button
            color="teal"
            leftSection={<IconPhone size={16} aria-hidden />}
            onClick={() => act.mutate(['accept'])}
            loading={act.isPending}
            data-desk="accept"
            autoFocus
          >
            {t('desk.accept')}
          </Button>
          <Button variant="default" onClick={() => act.mutate(['decline'])} data-desk="decline">
            {t('desk.decline')}
          </Button>
        </Group>
      ) : (
        <Group gap="sm">
          {voice && consult === null && (
            <Button
              variant="default"
              leftSection={
                task.state === 'held' ? <IconPlayerPlay size={16} aria-hidden /> : <IconPlayerPause size={16} aria-hidden />
              }
              onClick={() => act.mutate(['hold', { on: task.state !== 'held' }])}
              data-desk="hold"
            >
              {t(task.state === 'held' ? 'desk.resume' : 'desk.hold')}
            </Button>
          )}
          {voice && (
            <>
              <Button
                variant="default"
                leftSection={<IconGridDots size={16} aria-hidden />}
                aria-expanded={open === 'keys'}
                onClick={() => show(open === 'keys' ? undefined : 'keys')}
              >
                {t('desk.keys')}
              </Button>
              <Button
                variant="default"
                leftSection={<IconArrowForwardUp size={16} aria-hidden />}
                aria-expanded={open === 'transfer'}
                onClick={() => show(open === 'transfer' ? undefined : 'transfer')}
              >
                {t('desk.transfer')}
              </Button>
            </>
          )}
          <Button
            color="red"
            leftSection={<IconPhoneOff size={16} aria-hidden />}
            onClick={() => act.mutate(['end'])}
            data-desk="end"
          >
            {t(voice ? 'desk.hang_up' : 'desk.end')}
          </Button>
        </Group>
      )}
      {open === 'keys' && <Keypad press={(digits) => act.mutate(['digits', { digits }])} />}
      {(open === 'transfer' || consult !== null) && (
        <Transfer tenant={tenant} consult={consult} act={(type, fields) => act.mutate([type, fields])} />
      )}
    </>
  )
}

/** A callback, which is asked for while they talk or after. */
function Later({ tenant, task, number }: { tenant: string; task: Task; number: string }) {
  const { t } = useTranslation()
  const [state, be] = useState<'closed' | 'open' | 'done'>('closed')
  return (
    <>
      <Group gap="xs">
        <Button
          variant="subtle"
          size="compact-sm"
          leftSection={<IconPhoneOutgoing size={14} aria-hidden />}
          aria-expanded={state === 'open'}
          onClick={() => be(state === 'open' ? 'closed' : 'open')}
        >
          {t('desk.call_back')}
        </Button>
        {state === 'done' && (
          <Text size="sm" role="status">
            {t('desk.called_back')}
          </Text>
        )}
      </Group>
      {state === 'open' && <CallBack tenant={tenant} queue={task.queue} number={number} done={() => be('done')} />}
    </>
  )
}
