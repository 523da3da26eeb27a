import { ActionIcon, Alert, Group, SegmentedControl, Stack, Text } from '@mantine/core'
import { IconPlayerPause, IconPlayerPlay } from '@tabler/icons-react'
import { useQuery } from '@tanstack/react-query'
import { useEffect, useRef, useState, type KeyboardEvent, type PointerEvent } from 'react'
import { useTranslation } from 'react-i18next'
import { Refusal } from '../api/client'
import { Loaded } from '../ui/Loaded'
import { duration } from '../ui/time'
import { length, readWav, type Wav } from './wav'
import { useChannelColor, Waveform } from './Waveform'

const SPEEDS = ['0.75', '1', '1.25', '1.5', '2'] as const
/** How far a key goes, in seconds: an arrow, and Page Up or Page Down. */
const [STEP, LEAP] = [5, 30]

interface Sound {
  address: string
  /** Undefined if it can be played but not drawn. */
  wav: Wav | undefined
}

/** Fetches the recording of an interaction, draws it and plays it. */
export function Player({ tenant, interaction }: { tenant: string; interaction: string }) {
  const path = `/api/v1/tenants/${encodeURIComponent(tenant)}/interactions/${encodeURIComponent(interaction)}/recording`
  const fetched = useQuery({
    queryKey: ['recording', tenant, interaction],
    queryFn: async ({ signal }) => {
      const response = await fetch(path, { signal })
      if (!response.ok) throw new Refusal(response.status, await response.json().catch(() => undefined))
      return response.arrayBuffer()
    },
    // It does not change, and it is too much to be kept by a page that shows it no more.
    staleTime: Infinity,
    gcTime: 0,
  })
  return (
    <Loaded query={fetched} height={160}>
      {(file) => <Opened file={file} />}
    </Loaded>
  )
}

function Opened({ file }: { file: ArrayBuffer }) {
  const [sound, open] = useState<Sound>()
  useEffect(() => {
    const address = URL.createObjectURL(new Blob([file], { type: 'audio/wav' }))
    open({ address, wav: readWav(file) })
    return () => URL.revokeObjectURL(address)
  }, [file])
  return sound === undefined ? null : <Deck sound={sound} />
}

/** What is played, and by which keys: Space, arrows, Page Up and Down, Home and End. */
function Deck({ sound }: { sound: Sound }) {
  const { t } = useTranslation()
  const audio = useRef<HTMLAudioElement>(null)
  const [at, tick] = useState(0)
  const [whole, measure] = useState(sound.wav === undefined ? 0 : length(sound.wav))
  const [playing, say] = useState(false)
  const [speed, choose] = useState<string>('1')
  const [failed, fail] = useState(false)
  const toggle = () => {
    const deck = audio.current
    if (deck === null) return
    if (deck.paused) void deck.play().catch(() => undefined)
    else deck.pause()
  }
  const go = (to: number) => {
    if (audio.current === null) return
    audio.current.currentTime = Math.min(Math.max(0, to), whole)
    tick(audio.current.currentTime)
  }
  const set = (value: string) => {
    choose(value)
    if (audio.current !== null) audio.current.playbackRate = Number(value)
  }
  return (
    <Stack gap="xs">
      <Track sound={sound} at={at} whole={whole} go={go} toggle={toggle} />
      <Group justify="space-between">
        <Group gap="sm">
          <ActionIcon size="lg" onClick={toggle} aria-label={t(playing ? 'player.pause' : 'player.play')}>
            {playing ? <IconPlayerPause size={18} /> : <IconPlayerPlay size={18} />}
          </ActionIcon>
          <Text size="sm" style={{ fontVariantNumeric: 'tabular-nums' }}>
            {t('player.of', { at: duration(1_000 * at), whole: duration(1_000 * whole) })}
          </Text>
        </Group>
        <SegmentedControl
          size="xs"
          aria-label={t('player.speed')}
          value={speed}
          onChange={set}
          data={SPEEDS.map((value) => ({ value, label: `${value}×` }))}
        />
      </Group>
      <Text size="xs" c="dimmed">
        {t('player.keys', { step: STEP, leap: LEAP })}
      </Text>
      {failed && <Alert color="red">{t('player.failed')}</Alert>}
      <audio
        ref={audio}
        src={sound.address}
        autoPlay
        onPlay={() => say(true)}
        onPause={() => say(false)}
        onTimeUpdate={(event) => tick(event.currentTarget.currentTime)}
        onDurationChange={(event) => Number.isFinite(event.currentTarget.duration) && measure(event.currentTarget.duration)}
        onError={() => fail(true)}
      />
    </Stack>
  )
}

interface TrackProps {
  sound: Sound
  /** In seconds. */
  at: number
  whole: number
  go: (to: number) => void
  toggle: () => void
}

/** Where the playing is: a slider over the picture of the sound. */
function Track({ sound, at, whole, go, toggle }: TrackProps) {
  const { t } = useTranslation()
  const colour = useChannelColor()
  const played = whole > 0 ? at / whole : 0
  const keys: Record<string, () => void> = {
    ArrowRight: () => go(at + STEP),
    ArrowUp: () => go(at + STEP),
    ArrowLeft: () => go(at - STEP),
    ArrowDown: () => go(at - STEP),
    PageUp: () => go(at + LEAP),
    PageDown: () => go(at - LEAP),
    Home: () => go(0),
    End: () => go(whole),
    ' ': toggle,
  }
  const press = (event: KeyboardEvent) => {
    const act = keys[event.key]
    if (act === undefined || event.ctrlKey || event.metaKey || event.altKey) return
    event.preventDefault()
    act()
  }
  const point = (event: PointerEvent<HTMLDivElement>) => {
    if (event.buttons !== 1) return
    const { left, width } = event.currentTarget.getBoundingClientRect()
    if (width > 0) go(((event.clientX - left) / width) * whole)
  }
  return (
    <>
      <Group gap="md">
        {(['customer', 'agent'] as const).slice(0, sound.wav?.channels ?? 0).map((who, channel) => (
          <Group key={who} gap={6}>
            <span aria-hidden style={{ width: 12, height: 12, borderRadius: 3, background: colour(channel === 0 ? 0 : 1) }} />
            <Text size="xs">{t(`player.${who}`)}</Text>
          </Group>
        ))}
      </Group>
      <div
        role="slider"
        tabIndex={0}
        aria-label={t('player.position')}
        aria-valuemin={0}
        aria-valuemax={Math.round(whole)}
        aria-valuenow={Math.round(at)}
        aria-valuetext={t('player.of', { at: duration(1_000 * at), whole: duration(1_000 * whole) })}
        onKeyDown={press}
        onPointerDown={point}
        onPointerMove={point}
        className="mantine-focus-auto"
        style={{ position: 'relative', minHeight: 24, borderRadius: 4, cursor: 'pointer', touchAction: 'none', background: 'var(--mantine-color-default-hover)' }}
      >
        {sound.wav === undefined ? <Text size="xs" p={4}>{t('player.not_drawn')}</Text> : <Waveform of={sound.wav} played={played} />}
        <span
          aria-hidden
          style={{ position: 'absolute', insetBlock: 0, insetInlineStart: `${100 * played}%`, width: 2, background: 'var(--mantine-color-text)' }}
        />
      </div>
    </>
  )
}
