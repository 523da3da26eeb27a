import { describe, expect, it } from 'vitest'
import { type Message, NOTHING, heard, merged, newest, unread } from './state'
import { TEXTS, language } from './texts'

const message = (interaction: string, seq: number, from: Message['from'] = 'bot', id = ''): Message => ({
  interaction,
  seq,
  id,
  from,
  agent: null,
  text: `${interaction}${seq}`,
  choices: [],
  at: '2026-11-30T12:00:00Z',
})
const texts = (state: { messages: Message[] }) => state.messages.map((one) => one.text)

describe('messages', () => {
  it('are shown once and in order, however often and when they come', () => {
    const some = merged(NOTHING, [message('b', 2), message('a', 10), message('a', 9), message('a', 9)])
    expect(texts(some)).toEqual(['a9', 'a10', 'b2'])
    const more = merged(some, [message('b', 1), message('a', 9)])
    expect(texts(more)).toEqual(['a9', 'a10', 'b1', 'b2'])
    expect(newest(more)).toBe('b/2')
  })

  it('of the visitor are pending until they come back', () => {
    const wrote = { ...NOTHING, pending: [{ id: 'x', text: 'hi' }, { id: 'y', text: 'ho' }] }
    const one = heard(wrote, { type: 'message', ...message('a', 1, 'customer', 'x') })
    expect(one.pending.map((left) => left.id)).toEqual(['y'])
    const refused = heard(one, { type: 'refused', id: 'y', why: 'too_many' })
    expect(refused.pending).toEqual([{ id: 'y', text: 'ho', refused: 'too_many' }])
  })

  it('are unread if they are the other side’s and came later', () => {
    const state = merged(NOTHING, [message('a', 1), message('a', 2, 'customer'), message('a', 3), message('b', 1)])
    expect(unread(state, null)).toBe(3)
    expect(unread(state, 'a/1')).toBe(2)
    expect(unread(state, 'a/3')).toBe(1)
    expect(unread(state, 'b/1')).toBe(0)
  })
})

describe('what the server says', () => {
  it('tells who has the conversation, and how it ended', () => {
    const joined = heard(NOTHING, { type: 'state', state: 'agent', agent: 'Anna', people: 'here' })
    expect([joined.stage, joined.agent]).toEqual(['agent', 'Anna'])
    const typing = heard(joined, { type: 'typing' })
    expect(typing.typing).toBe(true)
    // The visitor's own words do not end the agent's typing; the agent's do.
    expect(heard(typing, { type: 'message', ...message('a', 1, 'customer') }).typing).toBe(true)
    expect(heard(typing, { type: 'message', ...message('a', 1, 'agent') }).typing).toBe(false)
    const over = heard(typing, { type: 'ended', interaction: 'a', why: 'served' })
    expect([over.stage, over.agent, over.typing, over.ended]).toEqual(['none', null, false, { a: 'served' }])
  })
})

describe('languages', () => {
  it('are those of the browser', () => {
    expect(language(['de-DE', 'ru-RU', 'en'])).toBe('ru')
    expect(language(['en-GB', 'ru'])).toBe('en')
    expect(language(['de'])).toBe('en')
  })

  it('say the same', () => {
    const names = (of: object): string[] =>
      Object.entries(of).flatMap(([name, value]) => (typeof value === 'object' ? names(value) : [name]))
    expect(names(TEXTS.ru)).toEqual(names(TEXTS.en))
    expect([1, 2, 5, 21].map((count) => TEXTS.ru.unread(count))).toEqual([
      '1 непрочитанное сообщение',
      '2 непрочитанных сообщения',
      '5 непрочитанных сообщений',
      '21 непрочитанное сообщение',
    ])
  })
})
