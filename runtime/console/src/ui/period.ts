/** Times that reports are asked for. */
export const PERIODS = ['today', 'yesterday', 'week'] as const
export type Period = (typeof PERIODS)[number]

/** From its first moment to before its end, by the browser's clock: days begin at midnight there, also where
 * one has 23 or 25 hours. */
export function span(period: Period, now: Date): { from: string; to: string } {
  const midnight = (days: number) => new Date(now.getFullYear(), now.getMonth(), now.getDate() + days)
  const [from, to] = { today: [0, 1], yesterday: [-1, 0], week: [-6, 1] }[period] as [number, number]
  return { from: midnight(from).toISOString(), to: midnight(to).toISOString() }
}

/** The days from the first to the last, both whole, as a date field says them (`2026-11-30`); undefined if
 * they are none, or the last is before the first. */
export function days(first: string, last: string): { from: string; to: string } | undefined {
  const [from, to] = [midnight(first, 0), midnight(last, 1)]
  if (from === undefined || to === undefined || to <= from) return undefined
  return { from: from.toISOString(), to: to.toISOString() }
}

function midnight(date: string, later: number): Date | undefined {
  const parts = /^(\d{4})-(\d\d)-(\d\d)$/.exec(date)?.slice(1).map(Number)
  if (parts === undefined) return undefined
  const [year, month, day] = parts as [number, number, number]
  return new Date(year, month - 1, day + later)
}

/** A day as a date field says it. */
export function day(of: Date): string {
  const two = (part: number) => String(part).padStart(2, '0')
  return `${of.getFullYear()}-${two(of.getMonth() + 1)}-${two(of.getDate())}`
}
