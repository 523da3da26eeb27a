import { Alert, Badge, Button, Grid, Group, Paper, Stack, Text, Title } from '@mantine/core'
import { useHotkeys } from '@mantine/hooks'
import { IconHeadset, IconPlugConnectedX } from '@tabler/icons-react'
import { useParams } from '@tanstack/react-router'
import { useState } from 'react'
import { useTranslation } from 'react-i18next'
import { useDesk, useDeskState, useVoice } from '../desk/context'
import { Customer } from '../desk/Customer'
import type { Task, View } from '../desk/socket'
import { StateSwitch } from '../desk/StateSwitch'
import { TaskCard } from '../desk/TaskCard'
import { useRing } from '../desk/ring'
import { VoiceBar } from '../desk/VoiceBar'
import { Empty } from '../ui/Empty'
import { duration } from '../ui/time'

const press = (act: string) => document.querySelector<HTMLButtonElement>(`[data-desk="${act}"]`)?.click()

/** Where an agent works. */
export function Desk() {
  const { t } = useTranslation()
  const { tenant } = useParams({ from: '/t/$tenant' })
  const desk = useDesk()
  const { link, view, pops } = useDeskState()
  const [looked, look] = useState<string>()
  useRing(view?.tasks.some((task) => task.state === 'offered') ?? false)
  // Wherever the cursor is: nobody looks for it while it rings.
  const everywhere: string[] = []
  useHotkeys(
    [
      ['alt+A', () => press('accept')],
      ['alt+D', () => press('decline')],
      ['alt+H', () => press('hold')],
      ['alt+E', () => press('end')],
    ],
    everywhere,
    true,
  )
  if (desk === undefined) {
    return <Empty icon={IconHeadset} title={t('desk.none')} text={t('desk.none_about')} />
  }
  const tasks = view?.tasks ?? []
  const chosen = tasks.find((task) => task.interaction === looked) ?? newest(tasks)
  const pop = chosen === undefined ? undefined : pops[chosen.interaction]
  return (
    <Stack>
      <Group justify="space-between">
        <Title order={1} size="h3">
          {t('desk.title')}
        </Title>
        <VoiceBar muted={view?.muted ?? false} />
      </Group>
      <Broken link={link} again={desk.socket.takeOver} />
      {view !== undefined && (
        <Paper withBorder p="md">
          <Group justify="space-between">
            <StateSwitch agent={view.agent} />
            <Numbers agent={view.agent} />
          </Group>
          <WithoutVoice view={view} />
        </Paper>
      )}
      <Grid>
        <Grid.Col span={{ base: 12, lg: 5 }}>
          <Stack>
            {tasks.length === 0 && <Empty icon={IconHeadset} title={t('desk.quiet')} text={t('desk.quiet_about')} />}
            {tasks.map((task) => (
              <TaskCard
                key={task.interaction}
                tenant={tenant}
                task={task}
                pop={pops[task.interaction]}
                consult={view?.consult ?? null}
                chosen={task === chosen}
                choose={() => look(task.interaction)}
              />
            ))}
          </Stack>
        </Grid.Col>
        <Grid.Col span={{ base: 12, lg: 7 }}>{pop !== undefined && <Customer tenant={tenant} pop={pop} />}</Grid.Col>
      </Grid>
    </Stack>
  )
}

/** What rings comes first, then what began last. */
function newest(tasks: Task[]): Task | undefined {
  return tasks.find((task) => task.state === 'offered') ?? tasks.at(-1)
}

function Broken({ link, again }: { link: string; again: () => void }) {
  const { t } = useTranslation()
  if (link === 'live' || link === 'connecting') return null
  return (
    <Alert color="red" icon={<IconPlugConnectedX />} title={t(`desk.link.${link}`)} role="alert">
      {t(`desk.link.${link}_about`)}
      {link === 'elsewhere' && (
        <Button mt="xs" size="xs" display="block" onClick={again}>
          {t('desk.here')}
        </Button>
      )}
    </Alert>
  )
}

/** Who is ready without a voice and without a telephone gets no call. */
function WithoutVoice({ view }: { view: View }) {
  const { t } = useTranslation()
  const voice = useVoice()
  if (view.line === 'up' || voice === 'asking' || voice === 'connecting') return null
  return (
    <Text size="sm" mt="xs">
      {t('desk.without_voice')}
    </Text>
  )
}

/** The agent's own numbers since log-in. */
function Numbers({ agent }: { agent: View['agent'] }) {
  const { t } = useTranslation()
  const average = agent.contacts === 0 ? undefined : duration(agent.talk_ms / agent.contacts)
  return (
    <Group gap="xs">
      <Badge variant="default" size="lg">
        {t('desk.served', { count: agent.contacts })}
      </Badge>
      {average !== undefined && (
        <Badge variant="default" size="lg">
          {t('desk.average', { time: average })}
        </Badge>
      )}
    </Group>
  )
}
