import { expect, test } from 'vitest'
import { duration } from './time'

test('durations as a clock shows them', () => {
  const shown = [0, 999, 65_000, 3_729_000, -5].map(duration)
  expect(shown).toEqual(['0:00', '0:00', '1:05', '1:02:09', '0:00'])
})
