import { expect, test } from 'vitest'
import type { Schema } from '../api/client'
import { carried } from './waits'

/** A queue as the server tells it, with who waits for how long. */
function queue(name: string, waits: Record<string, number>): Schema<'Queue'> {
  const line = Object.entries(waits).map(([interaction, waited_ms], at) => {
    return { interaction, waited_ms, position: at + 1, priority: 0, ringing: null }
  })
  const longest_wait_ms = Math.max(0, ...Object.values(waits))
  return { queue: name, live: { line, longest_wait_ms, waiting: line.length } } as Schema<'Queue'>
}

const waits = (all: Schema<'Queue'>[]) =>
  all.map(({ live }) => [live.longest_wait_ms, Object.fromEntries(live.line.map((place) => [place.interaction, place.waited_ms]))])

test('a wait goes on although the server’s stands still, also in another queue', () => {
  const before = [queue('sales', { a: 49_000, b: 20_000 }), queue('vip', {})]
  const after = [queue('sales', { a: 49_000 }), queue('vip', { b: 20_000, new: 0 })]
  expect(waits(carried(before, 1_000, after, 6_000))).toEqual([
    [54_000, { a: 54_000 }],
    [25_000, { b: 25_000, new: 0 }],
  ])
})

test('what the server knows better is taken', () => {
  expect(waits(carried([queue('sales', { a: 1_000 })], 0, [queue('sales', { a: 90_000 })], 5_000))).toEqual([[90_000, { a: 90_000 }]])
  expect(waits(carried([], 0, [queue('sales', {})], 5_000))).toEqual([[0, {}]])
})
