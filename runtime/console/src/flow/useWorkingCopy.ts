import { useQueryClient } from '@tanstack/react-query'
import { useCallback, useEffect, useRef, useState } from 'react'
import { api, data, Refusal } from '../api/client'

/** How long nobody has typed before the script is kept, in milliseconds. */
const KEEP_AFTER_MS = 1_000

export type Kept = 'saved' | 'saving' | 'conflict' | 'failed'

interface Written {
  tenant: string
  flow: string
  text: string
  /** The version that it was begun from, and its script. */
  base: number
  original: string
  /** When the copy was written that is replaced. */
  before: string | null
}

/** Keeps what is written, a moment after it was; says how that goes. */
export function useWorkingCopy({ tenant, flow, text, base, original, before }: Written) {
  const queries = useQueryClient()
  const [kept, tell] = useState<Kept>('saved')
  const seen = useRef(before)
  const saved = useRef(text)
  useEffect(() => {
    if (text === saved.current || (text === original && seen.current === null)) {
      tell('saved')
      return
    }
    tell('saving')
    const later = setTimeout(async () => {
      try {
        const written = await data(
          api.PUT('/api/v1/tenants/{tenant}/flows/{flow}/working-copy', {
            params: { path: { tenant, flow } },
            body: { script: text, base, seen: seen.current },
          }),
        )
        seen.current = written.saved_at
        saved.current = text
        queries.setQueryData(['copy', tenant, flow], { copy: written })
        tell('saved')
      } catch (error) {
        tell(error instanceof Refusal && error.status === 409 ? 'conflict' : 'failed')
      }
    }, KEEP_AFTER_MS)
    return () => clearTimeout(later)
  }, [tenant, flow, text, base, original, queries])
  const forget = useCallback(async () => {
    await api.DELETE('/api/v1/tenants/{tenant}/flows/{flow}/working-copy', { params: { path: { tenant, flow } } })
    seen.current = null
    queries.setQueryData(['copy', tenant, flow], { copy: null })
  }, [tenant, flow, queries])
  return { kept, forget }
}
