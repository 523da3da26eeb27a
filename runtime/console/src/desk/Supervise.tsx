import { ActionIcon, Alert, Button, Group, Menu, SegmentedControl, Tooltip } from '@mantine/core'
import { IconEar } from '@tabler/icons-react'
import { useMutation } from '@tanstack/react-query'
import { useTranslation } from 'react-i18next'
import { useDesk, useDeskState, useVoice } from './context'

const WAYS = ['listen', 'whisper', 'barge'] as const

function useSupervise() {
  const desk = useDesk()
  return useMutation({
    mutationFn: ([type, fields]: [string, Record<string, unknown>?]) =>
      desk?.socket.ask(type, fields) ?? Promise.reject(),
  })
}

/** Takes part in the conversation of another agent; for supervisors whose own desk has a voice. */
export function SuperviseMenu({ interaction, agent }: { interaction: string; agent: string }) {
  const { t } = useTranslation()
  const act = useSupervise()
  const { view } = useDeskState()
  if (useVoice() !== 'up' || view?.agent.id === agent) return null
  return (
    <Menu position="bottom-start">
      <Menu.Target>
        <Tooltip label={act.error?.message ?? t('supervise.about')}>
          <ActionIcon variant="default" aria-label={t('supervise.with', { agent })}>
            <IconEar size={16} />
          </ActionIcon>
        </Tooltip>
      </Menu.Target>
      <Menu.Dropdown>
        {[...WAYS, 'take_over'].map((how) => (
          <Menu.Item key={how} onClick={() => act.mutate(['supervise', { interaction, how }])}>
            {t(`supervise.${how}`)}
          </Menu.Item>
        ))}
      </Menu.Dropdown>
    </Menu>
  )
}

/** In which conversation one takes part and how, on every page, until one leaves it. */
export function Supervised() {
  const { t } = useTranslation()
  const act = useSupervise()
  const { view } = useDeskState()
  const one = view?.supervised ?? null
  if (one === null) return null
  const taken = one.how === 'take_over'
  return (
    <Alert mb="md" icon={<IconEar />} title={t(`supervise.now.${one.how}`)} role="status">
      <Group gap="sm">
        {!taken && (
          <>
            <SegmentedControl
              aria-label={t('supervise.how')}
              value={one.how}
              onChange={(how) => act.mutate(['supervise', { interaction: one.interaction, how }])}
              data={WAYS.map((how) => ({ value: how, label: t(`supervise.${how}`) }))}
            />
            <Button
              variant="default"
              onClick={() => act.mutate(['supervise', { interaction: one.interaction, how: 'take_over' }])}
            >
              {t('supervise.take_over')}
            </Button>
          </>
        )}
        <Button color="red" onClick={() => act.mutate(['leave'])}>
          {t(taken ? 'desk.hang_up' : 'supervise.leave')}
        </Button>
      </Group>
    </Alert>
  )
}
