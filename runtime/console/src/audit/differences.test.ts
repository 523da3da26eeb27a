import { expect, test } from 'vitest'
import document from '../../../server/openapi.json'
import en from '../texts/en.json'
import { differences, OPERATIONS } from './differences'

test('what differs comes first, by its path', () => {
  const before = { name: 'vera', roles: ['quality'], agent: 'anna', deep: { a: 1, b: [{ c: true }] } }
  const after = { name: 'vera', roles: ['planner', 'agent'], agent: null, deep: { a: 1, b: [{ c: false }] }, more: '' }
  expect(differences(before, after)).toEqual([
    { name: 'roles', before: 'quality', after: 'planner, agent', differs: true },
    { name: 'agent', before: 'anna', after: undefined, differs: true },
    { name: 'deep.b.0.c', before: 'true', after: 'false', differs: true },
    { name: 'more', before: undefined, after: '', differs: true },
    { name: 'name', before: 'vera', after: 'vera', differs: false },
    { name: 'deep.a', before: '1', after: '1', differs: false },
  ])
})

test('of what has begun or ended nothing is marked', () => {
  expect(differences(null, null)).toEqual([])
  expect(differences({ id: 'c1' }, null)).toEqual([{ name: 'id', before: 'c1', after: undefined, differs: false }])
  expect(differences(null, '…')).toEqual([{ name: '', before: undefined, after: '…', differs: false }])
})

test('every operation that changes something has its words', () => {
  const changing = Object.values(document.paths).flatMap((path) =>
    Object.entries(path).flatMap(([verb, one]) => ('x-audited' in one && verb !== 'get' ? [one.operationId] : [])),
  )
  // What other systems send is no act of a person.
  const wanted = changing.filter((name) => !name.endsWith('Webhook'))
  const offered: string[] = OPERATIONS.filter((name) => name !== 'signInElsewhere')
  expect(offered.sort()).toEqual(wanted.sort())
  expect(Object.keys(en.audit.operations).sort()).toEqual([...OPERATIONS].sort())
})
