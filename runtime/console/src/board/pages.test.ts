import { expect, test } from 'vitest'
import { screens } from './pages'

test('every queue has its turn, and screens are filled evenly', () => {
  const sizes = (count: number) => screens(Array.from({ length: count }, (_, n) => n)).map((screen) => screen.length)
  expect([0, 1, 4, 5, 9].map(sizes)).toEqual([[], [1], [4], [3, 2], [3, 3, 3]])
  expect(screens([1, 2, 3, 4, 5])).toEqual([[1, 2, 3], [4, 5]])
})
