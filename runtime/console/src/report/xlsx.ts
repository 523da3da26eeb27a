import type { Row as SheetRow, Sheet } from 'write-excel-file/browser'
import type { Line } from './compare'
import { named } from './kpis'

/** The words of the sheets, in the reader's language. */
export interface Words {
  language: string
  /** Of the first sheet, with all queues. */
  all: string
  definitions: string
  /** Heads of the columns. */
  figure: string
  key: string
  unit: string
  now: string
  before: string
  difference: string
  verdict: string
  formula: string
  notes: string
  better: string
  worse: string
  /** Percentage points, shortly. */
  points: string
  units: Record<string, string>
  /** Above the figures: what is told, and of which time. */
  about: [string, string][]
}

/** Excel's limit of a sheet's name, in characters. */
const NAME = 31

/** Names of sheets as Excel takes them: no longer, without its own signs, none twice. */
export function sheetNames(wanted: string[]): string[] {
  const taken = new Set<string>()
  return wanted.map((name) => {
    const plain = name.replaceAll(/[[\]:*?/\\]/g, '-').replaceAll(/^'|'$/g, '') || '-'
    for (let n = 1; ; n++) {
      const end = n === 1 ? '' : ` ${n}`
      const short = plain.slice(0, NAME - end.length) + end
      if (taken.has(short.toLowerCase())) continue
      taken.add(short.toLowerCase())
      return short
    }
  })
}

const bold = (value: string) => ({ value, fontWeight: 'bold' as const })

const FORMATS: Record<string, string> = { ratio: '0.0%', seconds: '#,##0.0', points: '0.0', count: '#,##0' }

/** The book: all queues, the definitions of all figures, and a sheet for each queue. Figures are numbers: a ratio
 * is shown as percent, times are seconds, and a difference of ratios is in percentage points. */
export function book(lines: Line[], compares: boolean, words: Words): Sheet<Blob>[] {
  const queues = [...new Set(lines.map((line) => line.queue))].filter((queue) => queue !== null)
  const [all, definitions, ...names] = sheetNames([words.all, words.definitions, ...queues])
  const width = (widths: number[]) => widths.map((width) => ({ width }))
  const columns = width(compares ? [44, 18, 14, 14, 16, 16] : [44, 18, 14])
  const of = (queue: string | null, sheet: string | undefined, about: SheetRow[]): Sheet<Blob> => ({
    sheet: sheet ?? '',
    columns,
    stickyRowsCount: about.length + 1,
    data: [...about, ...table(lines.filter((line) => line.queue === queue), compares, words)],
  })
  const about = words.about.map(([name, value]): SheetRow => [bold(name), value])
  const first = of(null, all, about)
  const explained: Sheet<Blob> = {
    sheet: definitions ?? '',
    columns: width([32, 44, 18, 80, 80]),
    stickyRowsCount: 1,
    data: explanations(lines, words),
  }
  return [first, explained, ...queues.map((queue, at) => of(queue, names[at], []))]
}

function table(lines: Line[], compares: boolean, words: Words): SheetRow[] {
  const { figure, unit, now, before, difference, verdict } = words
  const heads = compares ? [figure, unit, now, before, difference, verdict] : [figure, unit, now]
  const rows = lines.map((line): SheetRow => {
    const ratio = line.definition.unit === 'ratio'
    const format = FORMATS[line.definition.unit] ?? '#,##0.0'
    const number = (value: number | null, format: string) => (value === null ? null : { value, type: Number, format })
    const row = [named(line.definition, words.language), words.units[line.definition.unit] ?? '', number(line.now, format)]
    if (!compares) return row
    const change = line.difference !== null && ratio ? 100 * line.difference : line.difference
    const shown = ratio ? `+0.0" ${words.points}";-0.0" ${words.points}";0.0" ${words.points}"` : `+${format};-${format};0`
    return [...row, number(line.before, format), number(change, shown), line.verdict === null ? null : words[line.verdict]]
  })
  return [heads.map(bold), ...rows]
}

function explanations(lines: Line[], words: Words): SheetRow[] {
  const all = new Map(lines.map((line) => [line.key, line.definition]))
  const rows = [...all].map(([key, of]): SheetRow => {
    return [key, named(of, words.language), words.units[of.unit] ?? of.unit, of.formula, of.notes]
  })
  return [[words.key, words.figure, words.unit, words.formula, words.notes].map(bold), ...rows]
}
