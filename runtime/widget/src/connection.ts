// The WebSocket of a page: it comes back by itself, and what was written is sent until it is acknowledged.

import { type Frame, NOTHING, type Pending, type State, heard, newest } from './state'

const PROTOCOL = 'webchat.v1'
/** Pauses between tries, in ms: doubled from the first to the longest, and a part of them by chance. */
const PAUSE_FIRST = 500
const PAUSE_LONGEST = 15_000
/** How long one try may take, and how long the server may be silent before it has told its rhythm. */
const PATIENCE = 15_000
const TYPING_EVERY = 3_000
const TYPING_SHOWN = 6_000

/** What a browser keeps of one tenant; without storage it is forgotten with the page. */
export class Kept {
  private readonly memory = new Map<string, string>()

  constructor(private readonly tenant: string) {}

  get(name: string): string | null {
    try {
      return localStorage.getItem(this.key(name))
    } catch {
      return this.memory.get(name) ?? null
    }
  }

  set(name: string, value: string) {
    try {
      localStorage.setItem(this.key(name), value)
    } catch {
      this.memory.set(name, value)
    }
  }

  private key(name: string) {
    return `jackfield-chat.${this.tenant}.${name}`
  }
}

export class Connection {
  state: State = NOTHING
  private socket: WebSocket | undefined
  private tries = 0
  private retry: number | undefined
  private silence: number | undefined
  private typingOver: number | undefined
  private typed = 0
  private rhythm = PATIENCE

  constructor(
    private readonly address: string,
    private readonly kept: Kept,
    private readonly language: string,
    private readonly changed: (state: State) => void,
  ) {
    this.state = { ...NOTHING, pending: this.outbox() }
    addEventListener('online', () => this.atOnce())
    addEventListener('offline', () => this.lose())
    document.addEventListener('visibilitychange', () => document.visibilityState === 'visible' && this.atOnce())
  }

  /** Connects, unless it is connected or trying. */
  open() {
    if (this.socket || this.retry !== undefined) return
    const socket = (this.socket = new WebSocket(this.address, PROTOCOL))
    this.watch(PATIENCE)
    const mine = (what: () => void) => () => this.socket === socket && what()
    socket.onopen = mine(() => {
      const visitor = this.kept.get('visitor')
      const after = newest(this.state)
      const hello = { type: 'hello', language: this.language }
      this.send({ ...hello, ...(visitor && { visitor }), ...(after && { after }) })
    })
    socket.onmessage = (event) => this.socket === socket && this.hear(JSON.parse(String(event.data)) as Frame)
    socket.onclose = mine(() => this.lose())
  }

  write(text: string) {
    const id = Array.from(crypto.getRandomValues(new Uint8Array(12)), (byte) => byte.toString(16).padStart(2, '0')).join('')
    this.settle({ ...this.state, pending: [...this.state.pending, { id, text }] })
    this.open()
    this.post({ id, text })
  }

  /** Sends once more what was refused. */
  again(id: string) {
    const pending = this.state.pending.map((one): Pending => (one.id === id ? { id, text: one.text } : one))
    this.settle({ ...this.state, pending })
    const one = pending.find((known) => known.id === id)
    if (one) this.post(one)
  }

  typing() {
    if (this.state.stage === 'none' || Date.now() - this.typed < TYPING_EVERY) return
    this.typed = Date.now()
    this.send({ type: 'typing' })
  }

  leave() {
    this.send({ type: 'leave' })
  }

  private hear(frame: Frame) {
    if (frame.type === 'welcome') {
      this.tries = 0
      this.rhythm = frame.beat_ms * 2.5
      this.kept.set('visitor', frame.visitor)
    }
    this.watch(this.rhythm)
    this.settle(heard(this.state, frame))
    if (frame.type === 'welcome') {
      // What has not come back may or may not have arrived: the server takes an id once.
      for (const one of this.state.pending) if (!one.refused) this.post(one)
    }
    if (frame.type === 'typing') {
      clearTimeout(this.typingOver)
      this.typingOver = setTimeout(() => this.settle({ ...this.state, typing: false }), TYPING_SHOWN)
    }
  }

  private post({ id, text }: Pending) {
    if (this.state.connected === 'yes') this.send({ type: 'message', id, text })
  }

  private send(what: object) {
    if (this.socket?.readyState === WebSocket.OPEN) this.socket.send(JSON.stringify(what))
  }

  /** A connection on which nothing comes for so long is none. */
  private watch(patience: number) {
    clearTimeout(this.silence)
    this.silence = setTimeout(() => this.lose(), patience)
  }

  private lose() {
    const socket = this.socket
    if (!socket) return
    this.socket = undefined
    clearTimeout(this.silence)
    socket.close()
    this.settle({ ...this.state, connected: 'lost', typing: false })
    const pause = Math.min(PAUSE_FIRST * 2 ** this.tries, PAUSE_LONGEST)
    this.tries += 1
    this.retry = setTimeout(() => this.atOnce(), pause * (0.5 + Math.random() / 2))
  }

  private atOnce() {
    if (this.retry === undefined) return
    clearTimeout(this.retry)
    this.retry = undefined
    this.open()
  }

  private settle(state: State) {
    const written = this.state.pending !== state.pending
    this.state = state
    if (written) this.kept.set('outbox', JSON.stringify(state.pending))
    this.changed(state)
  }

  private outbox(): Pending[] {
    try {
      const kept: unknown = JSON.parse(this.kept.get('outbox') ?? '[]')
      return Array.isArray(kept) ? kept.filter((one) => typeof one?.id === 'string' && typeof one?.text === 'string') : []
    } catch {
      return []
    }
  }
}
