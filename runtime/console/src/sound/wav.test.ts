import { expect, test } from 'vitest'
import { length, peaks, readWav } from './wav'

/** A stereo file at 8 kHz: `more` is a chunk before the samples, as editors write. */
function file(left: number[], right: number[], { bits = 16, form = 1, more = 0, cut = 0 } = {}): ArrayBuffer {
  const samples = left.flatMap((sample, at) => [sample, right[at] ?? 0])
  const begin = 36 + (more > 0 ? 8 + more + (more % 2) : 0)
  const view = new DataView(new ArrayBuffer(begin + 8 + 2 * samples.length))
  const text = (at: number, name: string) => [...name].forEach((c, n) => view.setUint8(at + n, c.charCodeAt(0)))
  text(0, 'RIFF')
  text(8, 'WAVEfmt ')
  view.setUint32(16, 16, true)
  view.setUint16(20, form, true)
  view.setUint16(22, 2, true)
  view.setUint32(24, 8_000, true)
  view.setUint16(34, bits, true)
  if (more > 0) {
    text(36, 'LIST')
    view.setUint32(40, more, true)
  }
  text(begin, 'data')
  view.setUint32(begin + 4, 2 * samples.length, true)
  samples.forEach((sample, at) => view.setInt16(begin + 8 + 2 * at, sample, true))
  return view.buffer.slice(0, view.byteLength - cut)
}

test('each channel has its own peaks', () => {
  const wav = readWav(file([0, 0x4000, -0x8000, 0], [0, 0, 0, -0x2000]))
  if (wav === undefined) throw new Error('it is a WAV file')
  expect([wav.rate, wav.channels, length(wav)]).toEqual([8_000, 2, 4 / 8_000])
  expect(peaks(wav, 0, 2)).toEqual([[0, 0.5], [-1, 0]])
  expect(peaks(wav, 1, 2)).toEqual([[0, 0], [-0.25, 0]])
})

test('there may be fewer samples than parts, or none', () => {
  const wav = readWav(file([0x4000, 0], [0, 0]))
  if (wav === undefined) throw new Error('it is a WAV file')
  expect(peaks(wav, 0, 4)).toEqual([[0, 0.5], [0, 0.5], [0, 0], [0, 0]])
  const none = readWav(file([], []))
  expect(none && [peaks(none, 0, 2), length(none)]).toEqual([[[0, 0], [0, 0]], 0])
})

test('chunks besides are passed over, and a file that was cut has what is there', () => {
  expect(readWav(file([1, 2], [3, 4], { more: 3 }))?.samples).toEqual(new Int16Array([1, 3, 2, 4]))
  expect(readWav(file([1, 2], [3, 4], { cut: 3 }))?.samples).toEqual(new Int16Array([1, 3]))
})

test('what is no file of 16-bit samples is not read', () => {
  expect(readWav(new ArrayBuffer(3))).toBeUndefined()
  expect(readWav(new TextEncoder().encode('ID3 is something else').buffer as ArrayBuffer)).toBeUndefined()
  expect(readWav(file([1], [1], { bits: 8 }))).toBeUndefined()
  expect(readWav(file([1], [1], { form: 7 }))).toBeUndefined()
})
