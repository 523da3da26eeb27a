import { api, data, type Schema } from '../api/client'

/** What is looked for; empty is any. */
export interface Wanted {
  queue: string | null
  agent: string | null
  /** A whole number or address. */
  number: string
  from: string | undefined
  to: string | undefined
  /** Length of the conversation, in seconds. */
  least: number | null
  most: number | null
}

/** Interactions of one request. */
const AT_ONCE = 200
/** Requests until somebody has to ask for more. */
const REQUESTS = 5
/** So many are enough for the eye. */
const ENOUGH = 25

export interface Found {
  items: Schema<'Interaction'>[]
  next: string | null
  /** Interactions that were looked through. */
  seen: number
}

/** Whether an interaction can be listened to, and is as long as wanted. */
export function fits(one: Schema<'Interaction'>, { least, most }: Pick<Wanted, 'least' | 'most'>): boolean {
  const seconds = one.talk_ms / 1_000
  const long = (least === null || least <= seconds) && (most === null || seconds <= most)
  return one.recording !== null && one.ended_at !== null && long
}

/** The next recordings from `cursor` on. The server knows nothing of recordings and lengths when it lists, so that
 * they are picked out here, of a limited number of interactions at a time. */
export async function findRecordings(tenant: string, wanted: Wanted, cursor: string | undefined): Promise<Found> {
  const found: Found = { items: [], next: cursor ?? null, seen: 0 }
  const { queue, agent, number, from, to } = wanted
  for (let request = 0; request < REQUESTS; request++) {
    const query = {
      queue: queue ?? undefined,
      agent: agent ?? undefined,
      ani: number === '' ? undefined : number,
      from,
      to,
      open: false,
      cursor: found.next ?? undefined,
      limit: AT_ONCE,
    }
    const part = await data(api.GET('/api/v1/tenants/{tenant}/interactions', { params: { path: { tenant }, query } }))
    found.seen += part.items.length
    found.items.push(...part.items.filter((one) => fits(one, wanted)))
    found.next = part.next
    if (part.next === null || ENOUGH <= found.items.length) break
  }
  return found
}
