import type { Schema } from '../api/client'

/** The server counts waits up to the last thing that happened in the tenant: in a quiet one they stand still. Whoever
 * was in line at the last look, `before_at`, and still is has waited for as long as has passed since (`at`), both in
 * milliseconds. */
export function carried(before: Schema<'Queue'>[], before_at: number, now: Schema<'Queue'>[], at: number): Schema<'Queue'>[] {
  const known = new Map(before.flatMap(({ live }) => live.line.map((place) => [place.interaction, place.waited_ms] as const)))
  return now.map((queue) => {
    const line = queue.live.line.map((place) => {
      const was = known.get(place.interaction)
      return was === undefined ? place : { ...place, waited_ms: Math.max(place.waited_ms, was + at - before_at) }
    })
    const longest_wait_ms = Math.max(queue.live.longest_wait_ms, ...line.map((place) => place.waited_ms))
    return { ...queue, live: { ...queue.live, line, longest_wait_ms } }
  })
}
