import { expect, test, vi } from 'vitest'
import { api, type Schema } from '../api/client'
import { findRecordings, fits, type Wanted } from './found'

const ANY: Wanted = { queue: null, agent: null, number: '', from: undefined, to: undefined, least: null, most: null }

function interaction(talk_ms: number, recording: string | null = 'a.wav', ended_at: string | null = 'x') {
  return { talk_ms, recording, ended_at } as Schema<'Interaction'>
}

test('what was recorded, is over, and is as long as wanted', () => {
  const found = (wanted: Partial<Wanted>) =>
    [interaction(9_000), interaction(10_000), interaction(60_000), interaction(60_001)]
      .filter((one) => fits(one, { ...ANY, ...wanted }))
      .map((one) => one.talk_ms)
  expect(found({ least: 10, most: 60 })).toEqual([10_000, 60_000])
  expect(found({})).toHaveLength(4)
  expect([fits(interaction(9, null), ANY), fits(interaction(9, 'a.wav', null), ANY)]).toEqual([false, false])
})

/** Has the server answer one request after the other with these parts; returns what it was asked. */
function server(parts: { items: unknown[]; next: string | null }[]) {
  const asked: Record<string, unknown>[] = []
  const answer = async (_: string, { params }: { params: { query: Record<string, unknown> } }) => {
    asked.push(params.query)
    return { data: parts[asked.length - 1], response: new Response() }
  }
  vi.spyOn(api, 'GET').mockImplementation(answer as never)
  return asked
}

test('it is looked further until there is enough to show, the end, or a limit of requests', async () => {
  const many = Array.from({ length: 25 }, () => interaction(1))
  const enough = server([{ items: [], next: 'a' }, { items: many, next: 'b' }, { items: many, next: null }])
  const found = await findRecordings('acme', { ...ANY, queue: 'sales', number: '+371' }, undefined)
  expect([found.items.length, found.next, found.seen]).toEqual([25, 'b', 25])
  const asked = enough.map(({ cursor, queue, ani, open, agent }) => [cursor, queue, ani, open, agent])
  expect(asked).toEqual([undefined, 'a'].map((cursor) => [cursor, 'sales', '+371', false, undefined]))
  const none = server(Array.from({ length: 9 }, () => ({ items: [interaction(1, null)], next: 'more' })))
  const further = await findRecordings('acme', ANY, 'c')
  expect([none.length, further.items.length, further.next, further.seen]).toEqual([5, 0, 'more', 5])
})
