import { expect, test } from 'vitest'
import { canned, fits } from './canned'

test('a slash offers all, letters fewer', () => {
  const named = (typed: string) => canned('en').filter((one) => fits(one, typed)).map(({ name }) => name)
  expect(named('/')).toHaveLength(6)
  expect(named('/he')).toContain('hello')
  expect(named('/number')).toEqual(['number', 'call'])
  expect(named('/xyz')).toEqual([])
})

test('each language has replies of its own, and others have the English ones', () => {
  expect(canned('ru')).not.toEqual(canned('en'))
  expect(canned('de')).toEqual(canned('en'))
})
