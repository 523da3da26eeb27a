import { expect, test } from 'vitest'
import { flowOf, orderOf } from './rerun'

const event = (what: string, details: Record<string, string> = {}) => ({ at: '', what, details: Object.entries(details) })

test('a recorded caller does the same again', () => {
  const timeline = [
    event('arrived', { flow: 'main' }),
    event('gathered', { digits: '1', complete: 'true' }),
    event('gathered', { digits: '' }),
    event('queued', { queue: 'sales' }),
    event('left_queue', { end: 'timed_out' }),
    event('left_queue', { end: 'closed' }),
    event('recorded', { length_ms: '4400' }),
    event('abandoned'),
  ]
  expect(flowOf({ timeline })).toBe('main')
  expect(orderOf({ ani: '+44', arrived_at: '2026-11-21T09:00:00Z', timeline })).toEqual({
    caller: '+44',
    at: '2026-11-21T09:00:00Z',
    inputs: [
      { kind: 'digits', value: '1' },
      { kind: 'nothing', value: '' },
      { kind: 'queue', value: 'timed_out' },
      { kind: 'record', value: '4' },
      { kind: 'hang_up', value: '' },
    ],
  })
  expect(flowOf({ timeline: [] })).toBeUndefined()
})
