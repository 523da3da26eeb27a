import { api, data } from '../api/client'

/** What the server says of every KPI: `kpi` of the report, as runtime/figures/KPI.md has it. */
export interface Kpis {
  definitions: Record<string, Definition>
  total: Row
  by_queue?: (Row & { queue: string })[]
}

export interface Definition {
  name: string
  name_ru: string
  formula: string
  unit: string
  notes: string
}

export type Row = Record<string, unknown>

export interface Range {
  from: string
  to: string
}

/** A row's figure by its key; those of other makers are under `vendor`. Null is no data. */
export function figure(row: Row | undefined, key: string): number | null {
  const [maker, name] = key.split('.')
  const makers = row?.vendor as Record<string, Row> | undefined
  const value = name === undefined ? row?.[key] : makers?.[maker ?? '']?.[name]
  return typeof value === 'number' ? value : null
}

/** Whether it is how another maker's product counts. */
export const isVendors = (key: string) => key.includes('.')

export function named(of: Definition, language: string): string {
  return language === 'ru' ? of.name_ru : of.name
}

/** Asks for the report of a time, counted from the journal. */
export async function fetchReport(tenant: string, query: Range): Promise<Kpis> {
  const whole = await data(api.GET('/api/v1/tenants/{tenant}/report', { params: { path: { tenant }, query } }))
  return whole.kpi as unknown as Kpis
}

/** Asks for the figures of a time as they were counted while things happened: cheap, of the last two days. */
export async function fetchLive(tenant: string, from: string): Promise<Kpis> {
  const query = { from, counted: 'live', by: 'queue' }
  const whole = await data(api.GET('/api/v1/tenants/{tenant}/report', { params: { path: { tenant }, query } }))
  return whole as unknown as Kpis
}
