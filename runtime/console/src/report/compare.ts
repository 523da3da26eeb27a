import type { Definition, Kpis, Range, Row } from './kpis'
import { figure } from './kpis'

/** What a time is compared with. */
export const EARLIER = ['none', 'previous', 'week', 'own'] as const
export type Earlier = (typeof EARLIER)[number]

/** Where more is better, and where less is. Others have no direction: more contacts, longer conversations
 * and busier agents are neither good nor bad by themselves. */
const DIRECTIONS: Record<string, 1 | -1> = {
  ...Object.fromEntries(['SL1', 'SL2', 'SL3', 'SL4', 'SL5', 'SL6'].map((key) => [key, 1] as const)),
  answered_rate: 1,
  agent_answer_rate: 1,
  fcr: 1,
  containment: 1,
  csat: 1,
  csat_low: 1,
  csat_high: 1,
  nps: 1,
  ces: 1,
  adherence: 1,
  earned_hours_index: 1,
  asa_seconds: -1,
  mean_wait_seconds: -1,
  longest_wait_seconds: -1,
  abandon_rate: -1,
  abandon_rate_offered: -1,
  abandon_rate_without_short: -1,
  lcr: -1,
  car: -1,
  missed_rate: -1,
  'amazon.service_level': 1,
  'amazon.abandon_rate': -1,
  'genesys.service_level': 1,
  'genesys.service_level_without_flow_outs': 1,
  'genesys.abandon_rate': -1,
  'asterisk.service_level': 1,
  'asterisk.service_level2': 1,
  'wazo.qos': 1,
  'wazo.average_waiting_seconds': -1,
}

export interface Change {
  now: number | null
  before: number | null
  /** Now less before, in the figure's own unit; null where one of them has no data. */
  difference: number | null
  /** Null where nothing has changed, or where the figure has no direction. */
  verdict: 'better' | 'worse' | null
}

/** How a figure has changed. */
export function changed(key: string, now: number | null, before: number | null): Change {
  const difference = now === null || before === null ? null : now - before
  const step = Math.sign(difference ?? 0) * (DIRECTIONS[key] ?? 0)
  return { now, before, difference, verdict: step === 0 ? null : step > 0 ? 'better' : 'worse' }
}

/** A line of a comparison: a figure of all queues (`queue` is null) or of one. */
export interface Line extends Change {
  key: string
  queue: string | null
  definition: Definition
}

/** The queues of either time: one that is there no more had figures too. */
export function queuesOf(...all: (Kpis | undefined)[]): string[] {
  const names = all.flatMap((kpis) => kpis?.by_queue?.map((row) => row.queue) ?? [])
  return [...new Set(names)].sort()
}

export function rowOf(kpis: Kpis | undefined, queue: string | null): Row | undefined {
  return queue === null ? kpis?.total : kpis?.by_queue?.find((row) => row.queue === queue)
}

/** Every figure of all queues and of each, with what it was; what has no data in either time is left out. */
export function lines(now: Kpis, before: Kpis | undefined): Line[] {
  return [null, ...queuesOf(now, before)].flatMap((queue) =>
    Object.entries(now.definitions)
      .map(([key, definition]) => {
        const [is, was] = [now, before].map((kpis) => figure(rowOf(kpis, queue), key))
        return { key, queue, definition, ...changed(key, is ?? null, was ?? null) }
      })
      .filter((line) => line.now !== null || line.before !== null),
  )
}

/** The moment `days` earlier by the calendar, at the same hour, also where the clocks were changed between. */
function earlier(moment: Date, days: number): Date {
  const shifted = new Date(moment)
  shifted.setDate(shifted.getDate() - days)
  return shifted
}

/** The time to compare `range` with. One that still runs is compared with as much of the earlier one: a morning
 * with a morning. */
export function compared(range: Range, how: 'previous' | 'week', now: Date): Range {
  const [from, to] = [new Date(range.from), new Date(range.to)]
  const length = Math.max(1, Math.round((to.getTime() - from.getTime()) / 86_400_000))
  const days = how === 'previous' ? length : 7 * Math.ceil(length / 7)
  const until = from < now && now < to ? now : to
  return { from: earlier(from, days).toISOString(), to: earlier(until, days).toISOString() }
}

/** Comma-separated values (RFC 4180) of a comparison, for programs: a ratio from 0 to 1, seconds, counts. */
export function csv(all: Line[]): string {
  const head = ['queue', 'key', 'name', 'unit', 'value', 'compared_value', 'difference', 'verdict']
  const rows = all.map((line) => [
    line.queue ?? '',
    line.key,
    line.definition.name,
    line.definition.unit,
    line.now,
    line.before,
    line.difference,
    line.verdict,
  ])
  return [head, ...rows].map((row) => row.map(cell).join(',') + '\r\n').join('')
}

function cell(value: string | number | null): string {
  const text = String(value ?? '')
  return /[",\r\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text
}
