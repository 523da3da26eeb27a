import { expect, test } from 'vitest'
import { estimated, takeEvents } from './events'

test('whole events are taken, and the rest waits for more', () => {
  const text = 'id: 1-0\nevent: queued\ndata: {"at":"x","data":{"queue":"sales"}}\n\n: alive\n\nevent: bad\ndata: {\n\nid: 2'
  expect(takeEvents(text)).toEqual({ events: [{ event: 'queued', data: { queue: 'sales' } }], rest: 'id: 2' })
})

test('an estimate is in milliseconds, other events are none', () => {
  const span = (secs: number, nanos: number) => ({ secs, nanos })
  const data = { interaction: 'i', queue: 'sales', position: 3, told: true, plugin: 'p',
    estimate: { p50: span(60, 0), p90: span(150, 500_000_000) } }
  expect(estimated({ event: 'estimated', data }, 7)).toEqual({
    interaction: 'i', queue: 'sales', position: 3, told: true, at: 7, p50_ms: 60_000, p90_ms: 150_500,
  })
  expect(estimated({ event: 'queued', data }, 7)).toBeUndefined()
  expect(estimated({ event: 'estimated', data: { queue: 'sales' } }, 7)).toBeUndefined()
})
