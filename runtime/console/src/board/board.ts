import { useLocalStorage } from '@mantine/hooks'
import { useQuery } from '@tanstack/react-query'
import { api, data, type Schema } from '../api/client'
import { fetchLive, figure, type Definition, type Kpis, type Row } from '../report/kpis'
import { span } from '../ui/period'
import { parsed, readLimits, usual, type Limits, type Seen } from './limits'

/** Without an event it is looked again: waits grow by themselves. */
const EVERY_MS = 5_000
/** What was seen longer ago is not carried on: nobody knows whether the contact still waits. */
export const STALE_MS = 15_000

export function useQueues(tenant: string) {
  return useQuery({
    queryKey: ['live', tenant, 'queues'],
    queryFn: () => data(api.GET('/api/v1/tenants/{tenant}/queues', { params: { path: { tenant } } })),
    refetchInterval: EVERY_MS,
  })
}

export function useAgents(tenant: string) {
  return useQuery({
    queryKey: ['live', tenant, 'agents'],
    queryFn: () => data(api.GET('/api/v1/tenants/{tenant}/agents', { params: { path: { tenant } } })),
    refetchInterval: EVERY_MS,
  })
}

/** The figures of the day, which begins at midnight by the browser's clock. */
export function useDay(tenant: string) {
  const { from } = span('today', new Date())
  return useQuery({
    // Not among what is looked at again with every event: counting takes longer than the events' pauses.
    queryKey: ['day', tenant, from],
    queryFn: () => fetchLive(tenant, from),
    refetchInterval: EVERY_MS,
  })
}

/** Service levels that may be shown, by the keys of runtime/figures/KPI.md. */
export const FORMULAS = ['SL1', 'SL2', 'SL3', 'SL4', 'SL5', 'SL6'] as const
export type Formula = (typeof FORMULAS)[number]

/** Which service level this person looks at. Without a choice it is the one that the queues themselves count. */
export function useFormula() {
  return useLocalStorage<Formula>({
    key: 'jackfield.formula',
    defaultValue: 'SL6',
    getInitialValueInEffect: false,
    serialize: String,
    deserialize: (text) => FORMULAS.find((formula) => formula === text) ?? 'SL6',
  })
}

/** This person's limits of the queues of a tenant; who has set none has the usual ones. */
export function useLimits(tenant: string) {
  const [own, keep] = useLocalStorage<Record<string, Limits>>({
    key: `jackfield.limits.${tenant}`,
    defaultValue: {},
    getInitialValueInEffect: false,
    deserialize: readLimits,
  })
  return {
    of: (queue: Schema<'Queue'>) => own[queue.queue] ?? usual(queue),
    set: (queue: string, limits: Limits) => keep((all) => ({ ...all, [queue]: limits })),
  }
}

export interface Telling {
  sound: boolean
  desktop: boolean
}

/** How this person wants to be told of alarms. */
export function useTelling() {
  return useLocalStorage<Telling>({
    key: 'jackfield.alarms',
    defaultValue: { sound: false, desktop: false },
    getInitialValueInEffect: false,
    deserialize: (text) => {
      const { sound, desktop } = parsed(text)
      return { sound: sound === true, desktop: desktop === true }
    },
  })
}

/** How long the first in line has waited by now, in milliseconds: `since` is when the server was asked. */
export function longestWait({ live }: Schema<'Queue'>, since: number, now: number): number {
  if (live.waiting === 0) return 0
  return live.longest_wait_ms + Math.min(Math.max(0, now - since), STALE_MS)
}

/** A queue's figures of the day. */
export function dayOf(day: Kpis | undefined, queue: string): Row | undefined {
  return day?.by_queue?.find((row) => row.queue === queue)
}

/** What there is to compare with the limits. */
export function seen(queue: Schema<'Queue'>, day: Kpis | undefined, formula: Formula, since: number, now: number): Seen {
  return {
    service_level: figure(dayOf(day, queue.queue), formula),
    longest_wait_ms: longestWait(queue, since, now),
    waiting: queue.live.waiting,
  }
}

export function definitionOf(day: Kpis | undefined, formula: Formula): Definition | undefined {
  return day?.definitions[formula]
}
