import { useComputedColorScheme } from '@mantine/core'
import { useElementSize } from '@mantine/hooks'
import { useEffect, useMemo, useRef } from 'react'
import { peaks, type Wav } from './wav'

/** The height of one channel, in pixels. */
const HEIGHT = 44
/** Between one bar and the next, in pixels. */
const STEP = 3

/** A recording is drawn so many times as loud as it is at most: telephones are quiet, but noise is no speech. */
const LOUDER = 8

/** Colours of the channels, with their names in words beside the picture; what was played already is darker. */
const COLORS = {
  light: [['#1b6ec2', '#0b3a6b'], ['#c2410c', '#6b2207']],
  dark: [['#4da3ff', '#bfe0ff'], ['#ff9a5c', '#ffd9c2']],
} as const

/** The channels of a recording, one below the other; `played` is the share that was played, 0 to 1. */
export function Waveform({ of, played }: { of: Wav; played: number }) {
  const { ref, width } = useElementSize()
  const canvas = useRef<HTMLCanvasElement>(null)
  const scheme = useComputedColorScheme('light')
  const channels = Math.min(of.channels, 2)
  const bars = Math.max(1, Math.floor(width / STEP))
  // Going over all samples is done once for a width, not at each step of the playing.
  const all = useMemo(() => louder(Array.from({ length: channels }, (_, channel) => peaks(of, channel, bars))), [of, channels, bars])
  useEffect(() => {
    const [sheet, scale] = [canvas.current, window.devicePixelRatio]
    const pen = sheet?.getContext('2d')
    if (!sheet || !pen || width === 0) return
    sheet.width = width * scale
    sheet.height = channels * HEIGHT * scale
    pen.scale(scale, scale)
    all.forEach((bars, channel) => {
      const [ahead, behind] = COLORS[scheme][channel] ?? COLORS[scheme][0]
      const middle = (channel + 0.5) * HEIGHT
      bars.forEach(([low, high], at) => {
        pen.fillStyle = at / bars.length < played ? behind : ahead
        const [top, bottom] = [middle - (high * HEIGHT) / 2, middle - (low * HEIGHT) / 2]
        // Silence is a line, so that it is seen that there is sound at all; on whole pixels, or it is blurred away.
        pen.fillRect(at * STEP, Math.floor(top), STEP - 1, Math.max(1, Math.round(bottom - top)))
      })
    })
  }, [all, channels, played, scheme, width])
  return (
    <div ref={ref}>
      <canvas ref={canvas} aria-hidden style={{ display: 'block', width: '100%', height: channels * HEIGHT }} />
    </div>
  )
}

/** Makes the loudest place fill its height, all channels by the same factor. */
function louder(all: [number, number][][]): [number, number][][] {
  const most = Math.max(...all.flatMap((bars) => bars.map(([low, high]) => Math.max(-low, high))))
  const factor = most > 0 ? Math.min(LOUDER, 1 / most) : 1
  return all.map((bars) => bars.map(([low, high]) => [low * factor, high * factor]))
}

/** The colour of a channel, for its name. */
export function useChannelColor(): (channel: 0 | 1) => string {
  const scheme = useComputedColorScheme('light')
  return (channel) => COLORS[scheme][channel][0]
}
