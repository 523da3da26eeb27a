/** What a WAV file of 16-bit samples is made of. */
export interface Wav {
  /** Samples a second of each channel. */
  rate: number
  channels: number
  /** Of all channels in turn. */
  samples: Int16Array
}

/** Octets of the header of each chunk of a file: its name and its length. */
const CHUNK = 8
/** The form of samples that are read here, and that the server writes: whole numbers. */
const PCM = 1
/** As `PCM`, by a longer header. */
const EXTENSIBLE = 0xfffe

/** Reads a WAV file; undefined if it is none, or of samples that are not 16-bit whole numbers. A file that was
 * not finished has the samples that are there. */
export function readWav(file: ArrayBuffer): Wav | undefined {
  const view = new DataView(file)
  const name = (at: number) => String.fromCharCode(...new Uint8Array(file, at, 4))
  if (file.byteLength < 12 || name(0) !== 'RIFF' || name(8) !== 'WAVE') return undefined
  let format: { rate: number; channels: number } | undefined
  for (let at = 12; at + CHUNK <= file.byteLength; ) {
    const [from, length] = [at + CHUNK, view.getUint32(at + 4, true)]
    if (name(at) === 'fmt ' && from + 16 <= file.byteLength) {
      const [form, channels] = [view.getUint16(from, true), view.getUint16(from + 2, true)]
      if ((form !== PCM && form !== EXTENSIBLE) || channels === 0 || view.getUint16(from + 14, true) !== 16) return undefined
      format = { channels, rate: view.getUint32(from + 4, true) }
    }
    if (name(at) === 'data') {
      if (format === undefined || format.rate === 0) return undefined
      const there = Math.min(length, file.byteLength - from)
      const frame = 2 * format.channels
      const octets = there - (there % frame)
      // Samples lie at even places only where the header says so; a copy always does.
      const whole = from % 2 === 0 ? new Int16Array(file, from, octets / 2) : new Int16Array(file.slice(from, from + octets))
      return { ...format, samples: whole }
    }
    at = from + length + (length % 2)
  }
  return undefined
}

/** How far a channel goes up and down in each of `count` equal parts, -1 to 1; as `[lowest, highest]`. */
export function peaks({ channels, samples }: Wav, channel: number, count: number): [number, number][] {
  const frames = samples.length / channels
  return Array.from({ length: count }, (_, part) => {
    const [from, to] = [part, part + 1].map((edge) => Math.floor((edge * frames) / count)) as [number, number]
    let [low, high] = [0, 0]
    // At least one: there may be fewer samples than parts.
    for (let frame = from; frame < Math.max(to, from + 1) && frame < frames; frame++) {
      const sample = samples[frame * channels + channel] ?? 0
      if (sample < low) low = sample
      if (high < sample) high = sample
    }
    return [low / 0x8000, high / 0x8000]
  })
}

/** Its length in seconds. */
export function length({ rate, channels, samples }: Wav): number {
  return samples.length / channels / rate
}
