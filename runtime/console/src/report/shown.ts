import { duration } from '../ui/time'

/** How figures and their differences are written in a language. */
export function writer(language: string, points: string) {
  const numbers = new Intl.NumberFormat(language, { maximumFractionDigits: 1 })
  const percents = new Intl.NumberFormat(language, { style: 'percent', maximumFractionDigits: 1 })
  const signed = new Intl.NumberFormat(language, { maximumFractionDigits: 1, signDisplay: 'exceptZero' })
  return {
    /** A figure; null is no data. */
    value(value: number | null, unit: string): string {
      if (value === null) return '–'
      if (unit === 'ratio') return percents.format(value)
      return unit === 'seconds' ? duration(value * 1_000) : numbers.format(value)
    },
    /** A difference with its sign: of ratios in percentage points, of times as a clock shows them. */
    difference(value: number | null, unit: string): string {
      if (value === null) return '–'
      // A true minus: a hyphen before a number is easily not seen.
      const number = (of: number) => signed.format(of).replace('-', '−')
      if (unit === 'ratio') return `${number(100 * value)} ${points}`
      if (unit !== 'seconds') return number(value)
      const seconds = Math.round(value)
      return `${seconds > 0 ? '+' : seconds < 0 ? '−' : ''}${duration(Math.abs(seconds) * 1_000)}`
    },
  }
}
