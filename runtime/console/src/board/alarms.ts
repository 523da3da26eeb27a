import { useQuery, useQueryClient } from '@tanstack/react-query'
import { useEffect } from 'react'
import { useTranslation } from 'react-i18next'
import type { TFunction } from 'i18next'
import { duration, useNow } from '../ui/time'
import { seen, STALE_MS, useDay, useFormula, useLimits, useQueues, useTelling } from './board'
import { crossings, followed, type Alarm, type Crossing, type Kind } from './limits'

const alarmsOf = (tenant: string) => ['alarms', tenant] as const

/** The alarms since the pages were opened, the latest first. */
export function useAlarms(tenant: string): Alarm[] {
  const kept = useQuery<Alarm[]>({
    queryKey: alarmsOf(tenant),
    queryFn: () => [],
    staleTime: Infinity,
    gcTime: Infinity,
    initialData: [],
  })
  return kept.data
}

function shown(kind: Kind, value: number): string {
  if (kind === 'service_level') return `${Math.round(100 * value)} %`
  return kind === 'waiting' ? String(value) : duration(value)
}

/** What a crossing is, in words: `Longest wait 1:05, above 1:00`. */
export function inWords(t: TFunction, { kind, value, limit }: Crossing): string {
  return t(`board.crossed.${kind}`, { value: shown(kind, value), limit: shown(kind, limit) })
}

/** The same next to the value: `above 1:00`. */
export function shortly(t: TFunction, { kind, limit }: Crossing): string {
  return t(`board.shortly.${kind}`, { limit: shown(kind, limit) })
}

/** Watches the limits, keeps the alarms, and tells of each once when it begins and once when it ends. */
export function useWatch(tenant: string) {
  const { t } = useTranslation()
  const queries = useQueryClient()
  const now = useNow()
  const [queues, day] = [useQueues(tenant), useDay(tenant)]
  const limits = useLimits(tenant)
  const [formula] = useFormula()
  const [telling] = useTelling()
  useAlarms(tenant)
  useEffect(() => {
    // What is not known now is no reason to begin or to end anything.
    if (queues.data === undefined || now - queues.dataUpdatedAt > STALE_MS) return
    const crossed = queues.data.items.flatMap((queue) =>
      crossings(queue.queue, seen(queue, day.data, formula, queues.dataUpdatedAt, now), limits.of(queue)),
    )
    const before = queries.getQueryData<Alarm[]>(alarmsOf(tenant)) ?? []
    const { alarms, begun, ended } = followed(before, crossed, now)
    if (alarms === before) return
    queries.setQueryData(alarmsOf(tenant), alarms)
    if (telling.sound) void sound(begun.length > 0)
    if (telling.desktop) {
      for (const alarm of begun) notify(alarm.queue, inWords(t, alarm), alarm)
      for (const alarm of ended) notify(alarm.queue, t(`board.recovered.${alarm.kind}`), alarm)
    }
  }, [now, queues.data, queues.dataUpdatedAt, day.data, formula, limits, telling, tenant, queries, t])
}

function notify(title: string, body: string, { queue, kind }: Alarm) {
  if (!('Notification' in window) || Notification.permission !== 'granted') return
  // One that is still on the screen is replaced by the next of its kind.
  new Notification(title, { body, tag: `jackfield-${queue}-${kind}` })
}

let speaker: AudioContext | undefined

/** Two tones: rising for an alarm, falling once all is well. */
export async function sound(alarm: boolean) {
  try {
    speaker ??= new AudioContext()
    await speaker.resume()
    const [first, second] = alarm ? [660, 880] : [660, 440]
    tone(speaker, first, 0)
    tone(speaker, second, 0.18)
  } catch {
    // A machine without sound shows the alarm all the same.
  }
}

/** A sine that begins and ends softly, a sixth of a second. */
function tone(context: AudioContext, hertz: number, after: number) {
  const [oscillator, gain] = [context.createOscillator(), context.createGain()]
  const begin = context.currentTime + after
  oscillator.frequency.value = hertz
  gain.gain.setValueAtTime(0, begin)
  gain.gain.linearRampToValueAtTime(0.2, begin + 0.02)
  gain.gain.linearRampToValueAtTime(0, begin + 0.16)
  oscillator.connect(gain).connect(context.destination)
  oscillator.start(begin)
  oscillator.stop(begin + 0.17)
}
