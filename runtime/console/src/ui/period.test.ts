import { expect, test } from 'vitest'
import { PERIODS, span } from './period'

test('days are whole, whatever the hour', () => {
  const now = new Date(2026, 2, 1, 13, 30)
  const days = (period: (typeof PERIODS)[number]) => {
    const { from, to } = span(period, now)
    return [new Date(from), new Date(to)].map((moment) => [moment.getMonth() + 1, moment.getDate(), moment.getHours()])
  }
  expect(PERIODS.map(days)).toEqual([
    [[3, 1, 0], [3, 2, 0]],
    [[2, 28, 0], [3, 1, 0]],
    [[2, 23, 0], [3, 2, 0]],
  ])
})
