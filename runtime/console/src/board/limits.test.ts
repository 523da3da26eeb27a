import { expect, test } from 'vitest'
import { crossings, followed, readLimits, usual, type Alarm, type Crossing } from './limits'

const LIMITS = { service_level: 0.8, longest_wait_ms: 60_000, waiting: 10 }

test('the usual limits come from the target of the queue', () => {
  expect(usual({ target: { share: 0.9, within_ms: 10_000 } })).toEqual({
    service_level: 0.9,
    longest_wait_ms: 30_000,
    waiting: 10,
  })
  expect(usual({ target: null })).toEqual(LIMITS)
})

test('a limit itself is within, and no data is no crossing', () => {
  const crossed = (service_level: number | null, longest_wait_ms: number, waiting: number) =>
    crossings('sales', { service_level, longest_wait_ms, waiting }, LIMITS).map((one) => one.kind)
  expect(crossed(0.8, 60_000, 10)).toEqual([])
  expect(crossed(0.79, 60_001, 11)).toEqual(['service_level', 'longest_wait_ms', 'waiting'])
  expect(crossed(null, 0, 0)).toEqual([])
  const off = { service_level: null, longest_wait_ms: null, waiting: null }
  expect(crossings('sales', { service_level: 0, longest_wait_ms: 1e9, waiting: 99 }, off)).toEqual([])
})

test('an alarm begins once, ends once, and may begin again', () => {
  const long: Crossing = { queue: 'sales', kind: 'longest_wait_ms', value: 61_000, limit: 60_000 }
  let alarms: Alarm[] = []
  const script = [[long], [{ ...long, value: 65_000 }], [], [], [long]].map((now, at) => {
    const step = followed(alarms, now, at)
    alarms = step.alarms
    return [step.begun.length, step.ended.length]
  })
  expect(script).toEqual([[1, 0], [0, 0], [0, 1], [0, 0], [1, 0]])
  expect(alarms.map(({ begun, ended }) => [begun, ended])).toEqual([[4, null], [0, 2]])
})

test('without a change the alarms are the same ones, and old ones are forgotten', () => {
  const many = Array.from({ length: 60 }, (_, n): Crossing => ({ queue: `q${n}`, kind: 'waiting', value: 11, limit: 10 }))
  const { alarms } = followed([], many, 0)
  expect(alarms.length).toBe(50)
  expect(followed(alarms, alarms, 1).alarms).toBe(alarms)
})

test('limits that were kept badly are none', () => {
  expect(readLimits('{"sales":{"service_level":0.9,"waiting":-1,"longest_wait_ms":"x"},"other":3}')).toEqual({
    sales: { service_level: 0.9, waiting: null, longest_wait_ms: null },
  })
  expect([undefined, '', '[]', 'null'].map(readLimits)).toEqual([{}, {}, {}, {}])
})
