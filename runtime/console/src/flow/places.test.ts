import { expect, test } from 'vitest'
import { nodeAt, type Node } from './places'

const node = (id: number, line: number, column: number, end_line: number, end_column: number): Node => ({
  id, kind: 'step', verb: 'say', text: '', assigns: null, function: null, line, column, end_line, end_column, x: 0, y: 0, reachable: true,
})

test('the cursor is in the innermost node around it, else in the one before', () => {
  const nodes = [node(0, 1, 1, 1, 1), node(1, 2, 1, 9, 1), node(2, 3, 5, 3, 20), node(3, 5, 5, 5, 20)]
  const at = (line: number, column: number) => nodeAt(nodes, { line, column })?.id
  expect(at(1, 1)).toBe(0)
  expect(at(1, 30)).toBe(0)
  expect(at(3, 10)).toBe(2)
  expect(at(3, 21)).toBe(2)
  expect(at(4, 1)).toBe(1)
  expect(at(5, 5)).toBe(3)
  expect(at(12, 1)).toBe(3)
  expect(nodeAt([], { line: 1, column: 1 })).toBeUndefined()
})
