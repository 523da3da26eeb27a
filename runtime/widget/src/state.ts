// What the window knows, and how it changes by what the server says. Nothing here touches the page.

export interface Message {
  interaction: string
  seq: number
  /** What this side called it; empty if it is not the visitor's. */
  id: string
  from: 'customer' | 'bot' | 'agent'
  agent: string | null
  text: string
  choices: string[]
  at: string
}

/** What was written here and has not come back from the server: it is not known to be kept. */
export interface Pending {
  id: string
  text: string
  /** Why the server did not take it. */
  refused?: string
}

export interface State {
  messages: Message[]
  pending: Pending[]
  stage: 'none' | 'bot' | 'waiting' | 'agent'
  agent: string | null
  people: 'here' | 'away' | 'closed'
  /** How conversations ended, by their names. */
  ended: Record<string, string>
  connected: 'never' | 'lost' | 'yes'
  typing: boolean
  max: number
}

export const NOTHING: State = {
  messages: [],
  pending: [],
  stage: 'none',
  agent: null,
  people: 'here',
  ended: {},
  connected: 'never',
  typing: false,
  max: 2_000,
}

interface Standing {
  state: State['stage']
  agent: string | null
  people: State['people']
}

export type Frame =
  | { type: 'welcome'; visitor: string; messages: Message[]; state: Standing; message_max: number; beat_ms: number }
  | ({ type: 'message' } & Message)
  | ({ type: 'state' } & Standing)
  | { type: 'typing' }
  | { type: 'ended'; interaction: string; why: string }
  | { type: 'refused'; id: string; why: string }
  | { type: 'beat' }

/** The place of a message: places are in order as texts are, but for the number behind. */
const order = (a: Message, b: Message) =>
  a.interaction === b.interaction ? a.seq - b.seq : a.interaction < b.interaction ? -1 : 1

/** Adds messages, each once whatever comes twice; those of this side are pending no more. */
export function merged(state: State, added: Message[]): State {
  const same = (one: Message) => (other: Message) => order(one, other) === 0
  const fresh = added.filter((one, place) => !state.messages.some(same(one)) && added.findIndex(same(one)) === place)
  const kept = new Set(added.filter((one) => one.from === 'customer').map((one) => one.id))
  return {
    ...state,
    messages: [...state.messages, ...fresh].sort(order),
    pending: state.pending.filter((one) => !kept.has(one.id)),
  }
}

const standing = (state: State, said: Standing): State => ({
  ...state,
  stage: said.state,
  agent: said.agent,
  people: said.people,
})

/** What is known after the server has said `frame`. */
export function heard(state: State, frame: Frame): State {
  switch (frame.type) {
    case 'welcome': {
      const known = merged({ ...state, connected: 'yes', max: frame.message_max }, frame.messages)
      return standing({ ...known, typing: false }, frame.state)
    }
    case 'message':
      return merged({ ...state, typing: state.typing && frame.from === 'customer' }, [frame])
    case 'state':
      return standing(state, frame)
    case 'typing':
      return { ...state, typing: true }
    case 'ended': {
      const ended = { ...state.ended, [frame.interaction]: frame.why }
      return { ...state, ended, stage: 'none', agent: null, typing: false }
    }
    case 'refused': {
      const refused = (one: Pending) => (one.id === frame.id ? { ...one, refused: frame.why } : one)
      return { ...state, pending: state.pending.map(refused) }
    }
    default:
      return state
  }
}

/** The place of the newest message, as the server reads it. */
export function newest(state: State): string | undefined {
  const last = state.messages.at(-1)
  return last && `${last.interaction}/${last.seq}`
}

/** How many messages of the other side came after the place `read`. */
export function unread(state: State, read: string | null): number {
  const [interaction = '', seq = '0'] = (read ?? '').split('/')
  const later = (one: Message) =>
    one.interaction === interaction ? Number(seq) < one.seq : interaction < one.interaction
  return state.messages.filter((one) => one.from !== 'customer' && later(one)).length
}
