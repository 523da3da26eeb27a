/** What an agent does, as the server says it: all of it, at each change. */
export interface View {
  agent: {
    id: string
    state: { state: AgentState; reason: string | null }
    since: string | null
    next: { state: AgentState; reason: string | null } | null
    load: number
    contacts: number
    talk_ms: number
  }
  tasks: Task[]
  supervised: { interaction: string; how: 'listen' | 'whisper' | 'barge' | 'take_over' } | null
  consult: { interaction: string; to: string; state: 'ringing' | 'talking' | 'joined' } | null
  line: 'none' | 'up' | 'lost'
  muted: boolean
}

export type AgentState = 'logged_out' | 'not_ready' | 'ready' | 'reserved' | 'busy' | 'after_call_work'

/** Something that rings or is in hand. */
export interface Task {
  interaction: string
  channel: 'voice' | 'chat' | 'email' | 'message' | 'task'
  queue: string
  state: 'offered' | 'talking' | 'held' | 'put_aside' | 'wrapping_up'
  since: string | null
  until: string | null
  wrap_up: { codes: string[]; required: string[]; fields: string[] }
}

type Pairs = [string, string][]

/** A customer, as shown before it rings. */
export interface Pop {
  interaction: string
  channel: string | null
  ani: string | null
  dnis: string | null
  attributes: Pairs | null
  chosen: { at: string; what: string; details: Pairs }[] | null
  contact: {
    id: string
    name: string
    segment: string | null
    language: string | null
    phones: string[]
    emails: string[]
    external_id: string | null
    fields: Record<string, string>
    notes: { at: string; author: string; text: string }[]
  } | null
  earlier: {
    interaction: string
    channel: string
    at: string
    queue: string | null
    agent: string | null
    open: boolean
    end: string | null
    talk_ms: number
  }[]
  callbacks: { queue: string; state: string; since: string }[]
  why: Pairs
}

/** Whether the page and the server hear each other. */
export type Link = 'connecting' | 'live' | 'lost' | 'elsewhere'

export interface DeskState {
  link: Link
  view: View | undefined
  pops: Record<string, Pop>
}

type Answer = Record<string, unknown>

/** A pause before it is tried again, in milliseconds. */
const AGAIN_MS = 1_000
/** Customers that are remembered. */
const POPS = 50

interface Waiting {
  text: string
  done: (answer: Answer) => void
  failed: (why: Error) => void
}

/**
 * One socket (`desk.v1`). What the server says is numbered, acknowledged and told again after a break; what is asked
 * has a name, is sent again after a break, and is done once.
 */
export class DeskSocket {
  state: DeskState = { link: 'connecting', view: undefined, pops: {} }
  private readonly address: string
  private readonly watchers = new Set<() => void>()
  private readonly waiting = new Map<string, Waiting>()
  private socket: WebSocket | undefined
  private desk: string | undefined
  private seen = 0
  private stopped = false

  constructor(tenant: string, agent: string) {
    const path = `/api/v1/tenants/${encodeURIComponent(tenant)}/agents/${encodeURIComponent(agent)}/desk`
    this.address = `${location.protocol === 'https:' ? 'wss' : 'ws'}://${location.host}${path}`
  }

  readonly watch = (watcher: () => void) => {
    this.watchers.add(watcher)
    return () => void this.watchers.delete(watcher)
  }

  readonly look = () => this.state

  start() {
    this.stopped = false
    this.connect()
  }

  stop() {
    this.stopped = true
    this.socket?.close()
  }

  /** Asks for something; resolves with the answer, rejects with the reason why it is not done. */
  ask(type: string, fields: Answer = {}): Promise<Answer> {
    const id = crypto.randomUUID()
    const text = JSON.stringify({ id, type, ...fields })
    return new Promise((done, failed) => {
      this.waiting.set(id, { text, done, failed })
      if (this.state.link === 'live') this.socket?.send(text)
    })
  }

  private connect() {
    const socket = new WebSocket(this.address, 'desk.v1')
    this.socket = socket
    socket.onopen = () => socket.send(JSON.stringify({ type: 'hello', desk: this.desk, seen: this.seen }))
    socket.onmessage = ({ data }) => this.hear(JSON.parse(String(data)))
    socket.onclose = ({ code }) => {
      if (this.socket !== socket || this.stopped) return
      // The server itself closes in an orderly way only when another page took this one's place.
      if (code === 1000 || code === 1005) return this.change({ link: 'elsewhere' })
      this.change({ link: 'lost' })
      setTimeout(() => !this.stopped && this.socket === socket && this.connect(), AGAIN_MS)
    }
  }

  /** Works here again, after another page had taken over. */
  readonly takeOver = () => {
    this.change({ link: 'connecting' })
    this.connect()
  }

  private change(part: Partial<DeskState>) {
    this.state = { ...this.state, ...part }
    for (const watcher of this.watchers) watcher()
  }

  private hear(message: Answer & { seq?: number; type: string }) {
    const { seq, type } = message
    if (type === 'welcome') {
      if (message.desk !== this.desk) this.seen = 0
      this.desk = message.desk as string
    }
    if (seq !== undefined) {
      // It was heard before the break.
      if (type !== 'welcome' && seq <= this.seen) return
      this.seen = Math.max(this.seen, seq)
      this.socket?.send(JSON.stringify({ type: 'ack', seq }))
    }
    if (type === 'welcome') {
      this.change({ link: 'live' })
      for (const { text } of this.waiting.values()) this.socket?.send(text)
    } else if (type === 'view') {
      this.change({ view: message as unknown as View })
    } else if (type === 'pop') {
      const pop = message as unknown as Pop
      const pops = Object.entries({ ...this.state.pops, [pop.interaction]: pop }).slice(-POPS)
      this.change({ pops: Object.fromEntries(pops) })
    } else if (type === 'done' || type === 'refused') {
      const asked = this.waiting.get(message.re as string)
      this.waiting.delete(message.re as string)
      if (type === 'done') asked?.done(message)
      else asked?.failed(new Error(String(message.why)))
    }
  }
}
