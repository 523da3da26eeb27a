import { useQueryClient } from '@tanstack/react-query'
import { useEffect, useState } from 'react'

/** Whether what is on the screen follows the centre. */
export type Connection = 'connecting' | 'live' | 'lost'

/** Events come in bursts: one look at the server is enough for all of them. */
const AT_ONCE_MS = 250
/** A pause before it is tried again, in milliseconds. */
const AGAIN_MS = 2_000

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
          await read(`/api/v1/tenants/${encodeURIComponent(tenant)}/events`, stop.signal, () => {
            say('live')
            changed()
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
async function read(path: string, signal: AbortSignal, heard: () => void) {
  const response = await fetch(path, { signal })
  if (!response.ok || response.body === null) throw new Error(`${response.status}`)
  const reader = response.body.getReader()
  for (;;) {
    const { done } = await reader.read()
    if (done) return
    heard()
  }
}
