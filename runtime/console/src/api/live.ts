import { useQueryClient } from '@tanstack/react-query'
import { useEffect, useState } from 'react'
import { estimated, takeEvents, type Estimate } from './events'

/** Whether what is on the screen follows the centre. */
export type Connection = 'connecting' | 'live' | 'lost'

/** Events come in bursts: one look at the server is enough for all of them. */
const AT_ONCE_MS = 250
/** A pause before it is tried again, in milliseconds. */
const AGAIN_MS = 2_000

/** What is kept of an event that has not come whole yet, in characters. */
const EVENT_MAX = 1 << 20

/** Estimates of waits that are remembered, of all queues. */
const ESTIMATES = 200

/** Where the estimates are that were heard of since the page was opened, the latest first. */
export const estimatesOf = (tenant: string) => ['estimates', tenant] as const

/** Follows the tenant's events: whatever is shown of it is looked at again when something happens. */
export function useLive(tenant: string | undefined): Connection {
  const queries = useQueryClient()
  const [connection, say] = useState<Connection>('connecting')
  useEffect(() => {
    if (tenant === undefined) return
    const stop = new AbortController()
    let due: ReturnType<typeof setTimeout> | undefined
    const changed = () => {
      due ??= setTimeout(() => {
        due = undefined
        void queries.invalidateQueries({ queryKey: ['live', tenant] })
      }, AT_ONCE_MS)
    }
    const follow = async () => {
      while (!stop.signal.aborted) {
        try {
          let unread = ''
          await read(`/api/v1/tenants/${encodeURIComponent(tenant)}/events`, stop.signal, (text) => {
            say('live')
            changed()
            const { events, rest } = takeEvents(unread + text)
            unread = rest.slice(-EVENT_MAX)
            const estimates = events.flatMap((event) => estimated(event, Date.now()) ?? [])
            if (estimates.length > 0) {
              queries.setQueryData(estimatesOf(tenant), (kept: Estimate[] = []) => [...estimates, ...kept].slice(0, ESTIMATES))
            }
          })
        } catch {
          // The pause below, and again.
        }
        if (!stop.signal.aborted) {
          say('lost')
          await new Promise((later) => setTimeout(later, AGAIN_MS))
        }
      }
    }
    say('connecting')
    void follow()
    return () => {
      stop.abort()
      clearTimeout(due)
    }
  }, [tenant, queries])
  return connection
}

/** Reads a stream of server-sent events until it ends. */
async function read(path: string, signal: AbortSignal, heard: (text: string) => void) {
  const response = await fetch(path, { signal })
  if (!response.ok || response.body === null) throw new Error(`${response.status}`)
  const reader = response.body.pipeThrough(new TextDecoderStream()).getReader()
  for (;;) {
    const { done, value } = await reader.read()
    if (done) return
    heard(value)
  }
}
