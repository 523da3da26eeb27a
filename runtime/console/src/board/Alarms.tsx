import { Alert, Badge, Group, Paper, Stack, Switch, Text, Title } from '@mantine/core'
import { useState } from 'react'
import { useTranslation } from 'react-i18next'
import { duration } from '../ui/time'
import { inWords, sound, useAlarms } from './alarms'
import { useTelling } from './board'

/** Alarms that are shown; more are kept. */
const SHOWN = 12

/** What has crossed its limit since the pages were opened, and how this person wants to be told. */
export function Alarms({ tenant }: { tenant: string }) {
  const { t, i18n } = useTranslation()
  const all = useAlarms(tenant)
  const hour = new Intl.DateTimeFormat(i18n.language, { timeStyle: 'medium' })
  return (
    <Paper withBorder p="md">
      <Title order={2} size="h5" mb="sm">
        {t('board.alarms')}
      </Title>
      <Ways />
      <Stack gap="xs" mt="md" role="log" aria-label={t('board.alarms')}>
        {all.length === 0 && (
          <Text size="sm" c="dimmed">
            {t('board.no_alarms')}
          </Text>
        )}
        {all.slice(0, SHOWN).map((alarm) => (
          <div key={`${alarm.queue} ${alarm.kind} ${alarm.begun}`}>
            <Group gap="xs">
              <Text fw={600}>{alarm.queue}</Text>
              <Badge variant="light" color={alarm.ended === null ? 'red' : 'teal'}>
                {t(alarm.ended === null ? 'board.lasts' : 'board.over')}
              </Badge>
            </Group>
            <Text size="sm">{inWords(t, alarm)}</Text>
            <Text size="xs" c="dimmed">
              {alarm.ended === null
                ? t('board.since', { at: hour.format(alarm.begun) })
                : t('board.lasted', { at: hour.format(alarm.begun), long: duration(alarm.ended - alarm.begun) })}
            </Text>
          </div>
        ))}
      </Stack>
    </Paper>
  )
}

/** Sound and notifications of the desktop: both are off until they are wanted. */
function Ways() {
  const { t } = useTranslation()
  const [telling, tell] = useTelling()
  const [refused, refuse] = useState(false)
  const desktop = async (wanted: boolean) => {
    const may = !wanted || ('Notification' in window && (await Notification.requestPermission()) === 'granted')
    refuse(!may)
    tell((before) => ({ ...before, desktop: wanted && may }))
  }
  // Browsers are silent until somebody has done something on the page.
  const silent = telling.sound && !navigator.userActivation.hasBeenActive
  return (
    <Stack gap="xs">
      <Switch
        label={t('board.sound')}
        checked={telling.sound}
        onChange={(event) => {
          const wanted = event.currentTarget.checked
          tell((before) => ({ ...before, sound: wanted }))
          if (wanted) void sound(true)
        }}
      />
      <Switch
        label={t('board.desktop')}
        checked={telling.desktop}
        onChange={(event) => void desktop(event.currentTarget.checked)}
      />
      {silent && <Text size="xs">{t('board.silent')}</Text>}
      {refused && <Alert color="orange">{t('board.refused')}</Alert>}
    </Stack>
  )
}
