import { ActionIcon, Badge, Button, Group, Popover, Progress, Select, Stack, Text, Tooltip } from '@mantine/core'
import { IconHeadset, IconMicrophone, IconMicrophoneOff, IconSettings } from '@tabler/icons-react'
import { useMutation, useQuery } from '@tanstack/react-query'
import { useEffect, useState } from 'react'
import { useTranslation } from 'react-i18next'
import { useDesk, useVoice } from './context'
import { Voice } from './voice'

const COLOURS = { off: 'gray', asking: 'yellow', connecting: 'yellow', up: 'teal', lost: 'red', refused: 'red' } as const
/** How often the level is looked at, and the quality asked for, in milliseconds. */
const LEVEL_MS = 100
const QUALITY_MS = 5_000

/** The voice of the desk: whether it is up, how loud, how good, by which devices. */
export function VoiceBar({ muted }: { muted: boolean }) {
  const { t } = useTranslation()
  const desk = useDesk()
  const voice = useVoice()
  const mute = useMutation({ mutationFn: (on: boolean) => desk?.socket.ask('mute', { on }) ?? Promise.reject() })
  const up = voice === 'up'
  return (
    <Group gap="sm">
      <Badge variant="dot" size="lg" color={COLOURS[voice]} role="status">
        {t(`voice.${voice}`)}
      </Badge>
      {!up && voice !== 'asking' && voice !== 'connecting' && (
        <Button leftSection={<IconHeadset size={16} aria-hidden />} onClick={() => void desk?.voice.start()}>
          {t('voice.connect')}
        </Button>
      )}
      {voice === 'refused' && (
        <Text size="sm" c="red" role="alert">
          {t('voice.refused_about')} {desk?.voice.why}
        </Text>
      )}
      {up && (
        <>
          <Level />
          <Quality />
          <Tooltip label={t(muted ? 'voice.unmute' : 'voice.mute')}>
            <ActionIcon
              size="lg"
              variant={muted ? 'filled' : 'default'}
              color={muted ? 'red' : undefined}
              aria-label={t(muted ? 'voice.unmute' : 'voice.mute')}
              aria-pressed={muted}
              onClick={() => mute.mutate(!muted)}
            >
              {muted ? <IconMicrophoneOff size={18} /> : <IconMicrophone size={18} />}
            </ActionIcon>
          </Tooltip>
          <Devices />
        </>
      )}
    </Group>
  )
}

function Level() {
  const { t } = useTranslation()
  const desk = useDesk()
  const [level, see] = useState(0)
  useEffect(() => {
    const timer = setInterval(() => see(Math.round((desk?.voice.level() ?? 0) * 100)), LEVEL_MS)
    return () => clearInterval(timer)
  }, [desk])
  return <Progress w={80} value={level} color="teal" aria-label={t('voice.level')} transitionDuration={100} />
}

function Quality() {
  const { t } = useTranslation()
  const desk = useDesk()
  const quality = useQuery({
    queryKey: ['voice-quality'],
    queryFn: () => desk?.socket.ask('quality') ?? Promise.reject(),
    refetchInterval: QUALITY_MS,
    retry: false,
  })
  const measured = quality.data as { mos: number | null; rtt_ms: number | null; loss_in: number | null } | undefined
  if (measured === undefined || measured.mos === null) return null
  // ITU-T G.107, annex B: 4.03 and more is good, below 3.1 many are dissatisfied.
  const word = measured.mos >= 4.03 ? 'good' : measured.mos >= 3.1 ? 'fair' : 'poor'
  const about = t('voice.quality_about', {
    mos: measured.mos.toFixed(1),
    rtt: Math.round(measured.rtt_ms ?? 0),
    loss: ((measured.loss_in ?? 0) * 100).toFixed(1),
  })
  return (
    <Tooltip label={about}>
      <Badge variant="light" color={{ good: 'teal', fair: 'yellow', poor: 'red' }[word]} tabIndex={0} aria-label={`${t(`voice.quality.${word}`)}. ${about}`}>
        {t(`voice.quality.${word}`)}
      </Badge>
    </Tooltip>
  )
}

function Devices() {
  const { t } = useTranslation()
  const desk = useDesk()
  const [opened, open] = useState(false)
  const devices = useQuery({ queryKey: ['devices'], queryFn: Voice.devices, enabled: opened })
  const chosen = Voice.chosen()
  const named = (all: MediaDeviceInfo[] | undefined) =>
    (all ?? []).map((one) => ({ value: one.deviceId, label: one.label || one.deviceId }))
  return (
    <Popover opened={opened} onChange={open} position="bottom-end" trapFocus>
      <Popover.Target>
        <ActionIcon size="lg" variant="default" aria-label={t('voice.devices')} onClick={() => open(!opened)}>
          <IconSettings size={18} />
        </ActionIcon>
      </Popover.Target>
      <Popover.Dropdown>
        <Stack w={280}>
          <Select
            label={t('voice.microphone')}
            data={named(devices.data?.microphones)}
            defaultValue={chosen.microphone}
            onChange={(id) => id !== null && void desk?.voice.useMicrophone(id)}
            comboboxProps={{ withinPortal: false }}
          />
          <Select
            label={t('voice.speaker')}
            data={named(devices.data?.speakers)}
            defaultValue={chosen.speaker}
            onChange={(id) => id !== null && void desk?.voice.useSpeaker(id)}
            comboboxProps={{ withinPortal: false }}
          />
        </Stack>
      </Popover.Dropdown>
    </Popover>
  )
}
