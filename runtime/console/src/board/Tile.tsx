import { ActionIcon, Anchor, Badge, Group, Paper, Stack, Text, Tooltip } from '@mantine/core'
import { useDisclosure } from '@mantine/hooks'
import { IconAdjustments, IconAlertTriangle, IconCircleCheck, IconLock, type Icon } from '@tabler/icons-react'
import { Link } from '@tanstack/react-router'
import { useTranslation } from 'react-i18next'
import type { Schema } from '../api/client'
import { figure, type Kpis } from '../report/kpis'
import { QueueDoor } from '../ui/Standing'
import { duration } from '../ui/time'
import { inWords } from './alarms'
import { dayOf, longestWait, seen, useLimits, type Formula } from './board'
import { Estimated } from './Estimated'
import { crossings, type Crossing } from './limits'
import { LimitsDialog } from './LimitsDialog'
import { ServiceLevel } from './ServiceLevel'

export interface Watched {
  of: Schema<'Queue'>
  day: Kpis | undefined
  formula: Formula
  /** When the server was asked. */
  since: number
  now: number
}

/** How a queue is by its limits. */
export function standing(open: boolean, crossed: number): { name: 'closed' | 'crossed' | 'calm'; color: string; icon: Icon } {
  if (!open) return { name: 'closed', color: 'gray', icon: IconLock }
  if (crossed > 0) return { name: 'crossed', color: 'red', icon: IconAlertTriangle }
  return { name: 'calm', color: 'teal', icon: IconCircleCheck }
}

/** A queue as it is now, and what it wants. */
export function Tile({ tenant, watched }: { tenant: string; watched: Watched }) {
  const { t } = useTranslation()
  const { of, day, formula, since, now } = watched
  const { queue, live } = of
  const limits = useLimits(tenant)
  const [opened, { open, close }] = useDisclosure()
  const crossed = crossings(queue, seen(of, day, formula, since, now), limits.of(of))
  const { color } = standing(live.open, crossed.length)
  const row = dayOf(day, queue)
  const edit = `${queue}: ${t('board.limits')}`
  return (
    <Paper
      withBorder
      p="md"
      component="section"
      aria-label={queue}
      style={{ borderInlineStart: `6px solid var(--mantine-color-${color}-6)` }}
    >
      <Stack gap="sm">
        <Group justify="space-between" wrap="nowrap">
          <Anchor fw={700} renderRoot={(props) => <Link to="/t/$tenant/queues/$queue" params={{ tenant, queue }} {...props} />}>
            {queue}
          </Anchor>
          <Group gap={6} wrap="nowrap">
            <Tooltip label={edit}>
              <ActionIcon variant="default" aria-label={edit} onClick={open}>
                <IconAdjustments size={16} />
              </ActionIcon>
            </Tooltip>
            <QueueDoor tenant={tenant} of={of} />
          </Group>
        </Group>
        <StandingBadge open={live.open} crossed={crossed} />
        <Group grow align="flex-end">
          <Number name={t('wallboard.waiting')} value={String(live.waiting)} />
          <Number
            name={t('wallboard.longest')}
            value={live.waiting > 0 ? duration(longestWait(of, since, now)) : '–'}
          />
          <Number name={t('wallboard.ready')} value={String(live.ready)} />
          <Number name={t('wallboard.busy')} value={String(live.busy)} />
        </Group>
        <ServiceLevel of={of} day={day} formula={formula} />
        <Estimated tenant={tenant} of={of} />
        <Text size="sm" c="dimmed">
          {t('board.today', { answered: figure(row, 'answered') ?? 0, abandoned: figure(row, 'abandoned') ?? 0 })}
        </Text>
      </Stack>
      {opened && (
        <LimitsDialog of={of} limits={limits.of(of)} save={(own) => limits.set(queue, own)} close={close} />
      )}
    </Paper>
  )
}

/** In words what a tile's colour says, and why. */
export function StandingBadge({ open, crossed }: { open: boolean; crossed: Crossing[] }) {
  const { t } = useTranslation()
  const { name, color, icon: Picture } = standing(open, crossed.length)
  return (
    <div>
      <Badge variant="light" color={color} leftSection={<Picture size={14} aria-hidden />}>
        {t(`board.standing.${name}`)}
      </Badge>
      {crossed.map((one) => (
        <Text key={one.kind} size="sm" fw={600} mt={4}>
          {inWords(t, one)}
        </Text>
      ))}
    </div>
  )
}

function Number({ name, value }: { name: string; value: string }) {
  return (
    <div>
      <Text size="xs" c="dimmed">
        {name}
      </Text>
      <Text fw={700} fz="xl" lh={1.2}>
        {value}
      </Text>
    </div>
  )
}
