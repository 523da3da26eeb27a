import { useEffect } from 'react'

/** The beat of a ring, in seconds: on and off. */
const ON_S = 1
const BEAT_S = 3

/** Rings, softly, for as long as something is offered. */
export function useRing(ringing: boolean) {
  useEffect(() => {
    if (!ringing) return
    const context = new AudioContext()
    const beat = () => {
      for (const frequency of [440, 480]) {
        const tone = new OscillatorNode(context, { frequency })
        const volume = new GainNode(context, { gain: 0.08 })
        tone.connect(volume).connect(context.destination)
        tone.start()
        tone.stop(context.currentTime + ON_S)
      }
    }
    beat()
    const timer = setInterval(beat, BEAT_S * 1_000)
    return () => {
      clearInterval(timer)
      void context.close()
    }
  }, [ringing])
}
