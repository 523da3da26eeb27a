import { MutationCache, QueryCache, QueryClient } from '@tanstack/react-query'
import { Refusal } from './client'

/** A session that is over: whoever looks at a page signs in again and comes back to it. */
function over(error: Error) {
  if (!(error instanceof Refusal) || error.status !== 401 || location.pathname === '/signin') return
  location.assign(`/signin?to=${encodeURIComponent(location.pathname + location.search)}`)
}

/** What the server has said. */
export const queries = new QueryClient({
  queryCache: new QueryCache({ onError: over }),
  mutationCache: new MutationCache({ onError: over }),
  defaultOptions: {
    queries: {
      // A refusal does not become an answer by asking again.
      retry: (count, error) => !(error instanceof Refusal && error.status < 500) && count < 2,
      refetchOnWindowFocus: true,
    },
  },
})
