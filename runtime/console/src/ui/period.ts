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
