import { useQuery, type QueryClient } from '@tanstack/react-query'
import { api, data, type Schema } from './client'

/** What a person may do; the server decides, the pages only leave out what it would refuse. */
export type Right =
  | 'look'
  | 'serve'
  | 'supervise'
  | 'read-contacts'
  | 'edit-contacts'
  | 'manage-contacts'
  | 'read-interactions'
  | 'listen'
  | 'report'
  | 'journal'
  | 'read-plan'
  | 'plan'
  | 'read-flows'
  | 'edit-flows'
  | 'replay'
  | 'read-plugins'
  | 'manage-plugins'
  | 'manage-users'
  | 'audit'

export type Session = Schema<'Session'>

const session = {
  queryKey: ['session'],
  queryFn: async (): Promise<Session | null> => {
    const answer = await api.GET('/api/v1/session')
    return answer.response.status === 204 ? null : data(Promise.resolve(answer))
  },
  staleTime: 60_000,
}

/** Who has signed in; `null` is nobody. */
export const whoever = (queries: QueryClient) => queries.ensureQueryData(session)

/** Who has signed in, and a look at what they may do. */
export function useSession() {
  const { data: one } = useQuery(session)
  return { session: one ?? undefined, may: (right: Right) => one?.rights.includes(right) ?? false }
}

/** Of the rights that somebody has, the page to begin with. */
export function firstPage(of: Session) {
  if (of.agent !== null && !of.rights.includes('supervise')) return '/t/$tenant/desk'
  if (of.rights.includes('supervise') || of.kind === 'token') return '/t/$tenant/wallboard'
  if (of.rights.includes('edit-flows')) return '/t/$tenant/flows'
  if (of.rights.includes('plan') || of.rights.includes('report')) return '/t/$tenant/report'
  return '/t/$tenant/wallboard'
}
