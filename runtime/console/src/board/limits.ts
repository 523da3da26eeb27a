import type { Schema } from '../api/client'

/** What a queue is watched for. */
export const KINDS = ['service_level', 'longest_wait_ms', 'waiting'] as const
export type Kind = (typeof KINDS)[number]

/** When a queue wants attention; null is not watched. `service_level`: below this share, 0 to 1;
 * `longest_wait_ms`: longer than this; `waiting`: more contacts than this. */
export type Limits = Record<Kind, number | null>

/** What there is to compare with them, at a moment: null is no data. */
export type Seen = Record<Kind, number | null>

export interface Crossing {
  queue: string
  kind: Kind
  value: number
  limit: number
}

/** Where a queue has no target of its own: the engine's. */
const TARGET = { share: 0.8, within_ms: 20_000 }
/** A longest wait of so many times the target's T wants attention. */
const TIMES_T = 3
const WAITING = 10

/** What is watched until somebody says otherwise: the queue's own target, three times its T, ten who wait. */
export function usual(of: Pick<Schema<'Queue'>, 'target'>): Limits {
  const { share, within_ms } = of.target ?? TARGET
  return { service_level: share, longest_wait_ms: TIMES_T * within_ms, waiting: WAITING }
}

/** What is kept of a person's limits, by queue: what is no limit is as if it had not been said. */
export function readLimits(text: string | undefined): Record<string, Limits> {
  const all = parsed(text)
  const good = Object.entries(all).filter(([, limits]) => isObject(limits))
  return Object.fromEntries(
    good.map(([queue, limits]) => {
      const number = (kind: Kind) => {
        const value = (limits as Record<string, unknown>)[kind]
        return typeof value === 'number' && Number.isFinite(value) && value >= 0 ? value : null
      }
      return [queue, Object.fromEntries(KINDS.map((kind) => [kind, number(kind)])) as Limits]
    }),
  )
}

/** An object that was kept as JSON, or none. */
export function parsed(text: string | undefined): Record<string, unknown> {
  try {
    const value: unknown = JSON.parse(text ?? '{}')
    return isObject(value) ? value : {}
  } catch {
    return {}
  }
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

/** Which limits are crossed. A limit itself is within. */
export function crossings(queue: string, seen: Seen, limits: Limits): Crossing[] {
  return KINDS.flatMap((kind) => {
    const [value, limit] = [seen[kind], limits[kind]]
    if (value === null || limit === null) return []
    const crossed = kind === 'service_level' ? value < limit : limit < value
    return crossed ? [{ queue, kind, value, limit }] : []
  })
}

/** A crossing from its beginning to its end, in milliseconds since 1970. */
export interface Alarm extends Crossing {
  begun: number
  ended: number | null
}

/** Alarms that are kept, the latest first. */
const ALARMS = 50

/** What became of the alarms: each crossing begins once, and ends once the queue is within its limit again. */
export function followed(before: Alarm[], now: Crossing[], at: number) {
  const same = (one: Crossing, other: Crossing) => one.queue === other.queue && one.kind === other.kind
  const open = before.filter((alarm) => alarm.ended === null)
  const begun = now
    .filter((crossing) => !open.some((alarm) => same(alarm, crossing)))
    .map((crossing): Alarm => ({ ...crossing, begun: at, ended: null }))
  const ended = open.filter((alarm) => !now.some((crossing) => same(alarm, crossing)))
  if (begun.length === 0 && ended.length === 0) return { alarms: before, begun, ended }
  const kept = before.map((alarm) => (ended.includes(alarm) ? { ...alarm, ended: at } : alarm))
  return { alarms: [...begun, ...kept].slice(0, ALARMS), begun, ended }
}
