import type { DeskSocket } from './socket'

export type VoiceState = 'off' | 'asking' | 'connecting' | 'up' | 'lost' | 'refused'

/** A pause before the voice is connected again, in milliseconds. */
const AGAIN_MS = 2_000
const MICROPHONE = 'jackfield.microphone'
const SPEAKER = 'jackfield.speaker'

/**
 * The voice of a desk: one peer connection that stays up over many conversations, so that an answer is heard at once. A
 * new one takes the place of a broken one; the call goes on.
 */
export class Voice {
  state: VoiceState = 'off'
  /** Why there is none. */
  why = ''
  readonly audio = new Audio()
  private peer: RTCPeerConnection | undefined
  private stream: MediaStream | undefined
  private meter: { context: AudioContext; analyser: AnalyserNode; samples: Float32Array<ArrayBuffer> } | undefined
  private readonly watchers = new Set<() => void>()
  private readonly desk: DeskSocket
  private stopped = false

  constructor(desk: DeskSocket) {
    this.desk = desk
    this.audio.autoplay = true
  }

  readonly watch = (watcher: () => void) => {
    this.watchers.add(watcher)
    return () => void this.watchers.delete(watcher)
  }

  readonly look = () => this.state

  private change(state: VoiceState, why = '') {
    this.state = state
    this.why = why
    for (const watcher of this.watchers) watcher()
  }

  /** Starts by itself where the microphone was allowed before. */
  async startIfAllowed() {
    const permission = await navigator.permissions.query({ name: 'microphone' as PermissionName }).catch(() => undefined)
    if (permission?.state === 'granted') await this.start()
  }

  async start() {
    this.stopped = false
    if (this.state === 'asking' || this.state === 'connecting' || this.state === 'up') return
    this.change('asking')
    try {
      const deviceId = localStorage.getItem(MICROPHONE) ?? undefined
      this.stream = await navigator.mediaDevices.getUserMedia({
        audio: { deviceId, echoCancellation: true, noiseSuppression: true, autoGainControl: true },
      })
    } catch (error) {
      return this.change('refused', error instanceof Error ? error.message : String(error))
    }
    this.measure()
    await this.connect()
  }

  stop() {
    this.stopped = true
    this.peer?.close()
    this.stream?.getTracks().forEach((track) => track.stop())
    void this.meter?.context.close()
    this.peer = this.stream = this.meter = undefined
    this.change('off')
  }

  /** Connects anew, also while an older connection is there. */
  async connect() {
    const stream = this.stream
    if (stream === undefined || this.stopped) return
    this.change('connecting')
    this.peer?.close()
    const peer = new RTCPeerConnection()
    this.peer = peer
    stream.getAudioTracks().forEach((track) => peer.addTrack(track, stream))
    peer.ontrack = ({ track }) => {
      this.audio.srcObject = new MediaStream([track])
      void this.audio.play().catch(() => undefined)
    }
    peer.onconnectionstatechange = () => {
      if (this.peer !== peer) return
      if (peer.connectionState === 'connected') this.change('up')
      if (peer.connectionState === 'disconnected') this.change('lost')
      if (peer.connectionState === 'failed') this.again(peer)
    }
    try {
      await peer.setLocalDescription(await peer.createOffer())
      await gathered(peer)
      const { sdp } = await this.desk.ask('line', { sdp: peer.localDescription?.sdp })
      if (this.peer === peer) await peer.setRemoteDescription({ type: 'answer', sdp: sdp as string })
    } catch (error) {
      this.why = error instanceof Error ? error.message : String(error)
      this.again(peer)
    }
  }

  private again(peer: RTCPeerConnection) {
    this.change('lost', this.why)
    setTimeout(() => this.peer === peer && !this.stopped && void this.connect(), AGAIN_MS)
  }

  private measure() {
    if (this.stream === undefined) return
    const context = new AudioContext()
    const analyser = context.createAnalyser()
    analyser.fftSize = 512
    context.createMediaStreamSource(this.stream).connect(analyser)
    this.meter = { context, analyser, samples: new Float32Array(analyser.fftSize) }
  }

  /** How loud the microphone is, 0 to 1. */
  level(): number {
    if (this.meter === undefined) return 0
    const { analyser, samples } = this.meter
    analyser.getFloatTimeDomainData(samples)
    const power = samples.reduce((sum, sample) => sum + sample * sample, 0) / samples.length
    // From -60 dB, which is silence, to full scale.
    return power === 0 ? 0 : Math.min(1, Math.max(0, 1 + (10 * Math.log10(power)) / 60))
  }

  /** The devices to choose from; their names are known once the microphone is allowed. */
  static async devices() {
    const all = await navigator.mediaDevices.enumerateDevices()
    const named = (kind: MediaDeviceKind) => all.filter((one) => one.kind === kind && one.deviceId !== '')
    return { microphones: named('audioinput'), speakers: named('audiooutput') }
  }

  static chosen = () => ({ microphone: localStorage.getItem(MICROPHONE), speaker: localStorage.getItem(SPEAKER) })

  async useMicrophone(id: string) {
    localStorage.setItem(MICROPHONE, id)
    const stream = await navigator.mediaDevices.getUserMedia({ audio: { deviceId: { exact: id } } })
    const [track] = stream.getAudioTracks()
    const sender = this.peer?.getSenders()[0]
    if (track !== undefined) await sender?.replaceTrack(track)
    this.stream?.getTracks().forEach((old) => old.stop())
    this.stream = stream
    void this.meter?.context.close()
    this.measure()
  }

  async useSpeaker(id: string) {
    localStorage.setItem(SPEAKER, id)
    await this.audio.setSinkId(id)
  }
}

/** All candidates are in the offer: nothing is trickled. */
function gathered(peer: RTCPeerConnection): Promise<void> {
  if (peer.iceGatheringState === 'complete') return Promise.resolve()
  return new Promise((done) => {
    peer.addEventListener('icegatheringstatechange', () => peer.iceGatheringState === 'complete' && done())
  })
}
