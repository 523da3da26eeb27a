import { expect, test } from 'vitest'
import type { Line } from './compare'
import { changed } from './compare'
import { book, sheetNames, type Words } from './xlsx'

const WORDS: Words = {
  language: 'ru',
  all: 'Все', definitions: 'Определения', figure: 'Показатель', key: 'Ключ', unit: 'Единица', now: 'Сейчас', before: 'Раньше',
  difference: 'Разница', verdict: 'Оценка', formula: 'Формула', notes: 'Примечания', better: 'лучше', worse: 'хуже', points: 'п. п.',
  units: { ratio: '%', count: 'шт.' },
  about: [['Период', 'вчера']],
}
const line = (queue: string | null, key: string, unit: string, now: number, before: number | null): Line => {
  const definition = { name: 'N', name_ru: `имя ${key}`, formula: `f ${key}`, unit, notes: '' }
  return { queue, key, definition, ...changed(key, now, before) }
}
const LINES = [
  line(null, 'SL6', 'ratio', 0.5, 0.75),
  line(null, 'offered', 'count', 12, null),
  line('sales', 'SL6', 'ratio', 0.5, 0.25),
]

/** Cells as their values alone. */
const plain = (sheets: ReturnType<typeof book>) =>
  sheets.map(({ sheet, data }) => ({
    sheet,
    rows: data.map((row) => row.map((cell) => (cell !== null && typeof cell === 'object' && 'value' in cell ? cell.value : cell))),
  }))

test('all queues, the definitions, then a sheet a queue', () => {
  const heads = ['Показатель', 'Единица', 'Сейчас', 'Раньше', 'Разница', 'Оценка']
  expect(plain(book(LINES, true, WORDS))).toEqual([
    {
      sheet: 'Все',
      rows: [
        ['Период', 'вчера'],
        heads,
        ['имя SL6', '%', 0.5, 0.75, -25, 'хуже'],
        ['имя offered', 'шт.', 12, null, null, null],
      ],
    },
    {
      sheet: 'Определения',
      rows: [
        ['Ключ', 'Показатель', 'Единица', 'Формула', 'Примечания'],
        ['SL6', 'имя SL6', '%', 'f SL6', ''],
        ['offered', 'имя offered', 'шт.', 'f offered', ''],
      ],
    },
    { sheet: 'sales', rows: [heads, ['имя SL6', '%', 0.5, 0.25, 25, 'лучше']] },
  ])
})

test('numbers are shown in their units', () => {
  const [first] = book(LINES, true, WORDS)
  const row = first?.data[2] as { format?: string }[]
  expect([row[2]?.format, row[4]?.format]).toEqual(['0.0%', '+0.0" п. п.";-0.0" п. п.";0.0" п. п."'])
})

test('without a comparison there is nothing of it', () => {
  const [first] = plain(book(LINES, false, WORDS))
  expect(first?.rows[1]).toEqual(['Показатель', 'Единица', 'Сейчас'])
})

test('names of sheets are such as Excel takes', () => {
  const long = 'x'.repeat(40)
  expect(sheetNames(['a/b', 'A-b', long, long, ''])).toEqual(['a-b', 'A-b 2', 'x'.repeat(31), `${'x'.repeat(29)} 2`, '-'])
})
