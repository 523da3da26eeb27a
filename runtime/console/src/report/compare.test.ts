import { expect, test } from 'vitest'
import { changed, compared, csv, lines } from './compare'
import type { Kpis } from './kpis'
import { writer } from './shown'

const definition = (unit: string) => ({ name: 'N', name_ru: 'И', formula: 'f', unit, notes: '' })
const DEFINITIONS = { offered: definition('count'), SL6: definition('ratio'), 'wazo.qos': definition('ratio') }

const kpis = (offered: number, SL6: number | null, qos: number | null, queue = 'sales'): Kpis => ({
  definitions: DEFINITIONS,
  total: { offered, SL6, vendor: { wazo: { qos } } },
  by_queue: [{ queue, offered, SL6, vendor: { wazo: { qos } } }],
})

test('better and worse are told only where a figure has a direction', () => {
  const verdicts = [
    changed('SL6', 0.9, 0.8),
    changed('SL6', 0.8, 0.9),
    changed('asa_seconds', 10, 20),
    changed('asa_seconds', 20, 10),
    changed('offered', 20, 10),
    changed('SL6', 0.8, 0.8),
    changed('SL6', null, 0.8),
  ].map(({ verdict }) => verdict)
  expect(verdicts).toEqual(['better', 'worse', 'better', 'worse', null, null, null])
})

test('a queue that is there no more is compared too, and what nobody knows is left out', () => {
  const all = lines(kpis(12, 0.5, null), kpis(10, 0.75, null, 'old'))
  expect(all.map(({ queue, key, now, before, difference }) => [queue, key, now, before, difference])).toEqual([
    [null, 'offered', 12, 10, 2],
    [null, 'SL6', 0.5, 0.75, -0.25],
    ['old', 'offered', null, 10, null],
    ['old', 'SL6', null, 0.75, null],
    ['sales', 'offered', 12, null, null],
    ['sales', 'SL6', 0.5, null, null],
  ])
})

test('the figures of other makers are found', () => {
  const [, , qos] = lines(kpis(1, 1, 0.25), undefined)
  expect([qos?.key, qos?.now, qos?.difference]).toEqual(['wazo.qos', 0.25, null])
})

test('a time that is over is compared with one as long, a running one with as much of it', () => {
  const local = (...at: [number, number, number, number?, number?]) => new Date(...at).toISOString()
  const now = new Date(2026, 10, 18, 13, 30)
  const week = { from: local(2026, 10, 9), to: local(2026, 10, 16) }
  expect(compared(week, 'previous', now)).toEqual({ from: local(2026, 10, 2), to: week.from })
  const today = { from: local(2026, 10, 18), to: local(2026, 10, 19) }
  expect(compared(today, 'previous', now)).toEqual({ from: local(2026, 10, 17), to: local(2026, 10, 17, 13, 30) })
  expect(compared(today, 'week', now)).toEqual({ from: local(2026, 10, 11), to: local(2026, 10, 11, 13, 30) })
  const ten = { from: local(2026, 10, 1), to: local(2026, 10, 11) }
  expect(compared(ten, 'week', now)).toEqual({ from: local(2026, 9, 18), to: local(2026, 9, 28) })
})

test('the table for programs', () => {
  const text = csv(lines(kpis(12, 0.5, null, 'a "b", c'), kpis(10, 0.75, null, 'a "b", c')))
  expect(text.split('\r\n')).toEqual([
    'queue,key,name,unit,value,compared_value,difference,verdict',
    ',offered,N,count,12,10,2,',
    ',SL6,N,ratio,0.5,0.75,-0.25,worse',
    '"a ""b"", c",offered,N,count,12,10,2,',
    '"a ""b"", c",SL6,N,ratio,0.5,0.75,-0.25,worse',
    '',
  ])
})

test('differences have a sign and their unit', () => {
  const { value, difference } = writer('en', 'pp')
  expect([value(0.825, 'ratio'), value(65, 'seconds'), value(1234, 'count'), value(null, 'count')]).toEqual([
    '82.5%', '1:05', '1,234', '–',
  ])
  const all = [difference(0.035, 'ratio'), difference(-12.4, 'seconds'), difference(-5, 'count'), difference(0, 'seconds')]
  expect(all).toEqual(['+3.5 pp', '−0:12', '−5', '0:00'])
})
