import { expect, test } from 'vitest'
import { day, days, PERIODS, span } from './period'

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

test('days of one’s own choice, both whole', () => {
  const range = days('2026-02-27', '2026-03-01')
  expect([range?.from, range?.to].map((moment) => day(new Date(moment ?? '')))).toEqual(['2026-02-27', '2026-03-02'])
  expect([days('2026-03-02', '2026-03-01'), days('', '2026-03-01'), days('2026-03-01', 'x')]).toEqual([
    undefined, undefined, undefined,
  ])
})
