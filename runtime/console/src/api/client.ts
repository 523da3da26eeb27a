import createClient from 'openapi-fetch'
import type { components, paths } from './schema'

export type Schema<Name extends keyof components['schemas']> = components['schemas'][Name]

/** A mistake in a script; lines and columns begin with 1. */
export interface Mistake {
  line: number
  column: number
  message: string
}

interface Problem {
  title?: string
  detail?: string
  errors?: Partial<Mistake>[]
}

/** What the server says when it does not do something (RFC 9457). */
export class Refusal extends Error {
  readonly status: number
  /** Of a script. */
  readonly mistakes: Mistake[]

  constructor(status: number, problem: Problem | undefined) {
    super(problem?.detail ?? problem?.title ?? `${status}`)
    this.status = status
    const errors = problem?.errors ?? []
    this.mistakes = errors.map(({ line = 1, column = 1, message = '' }) => ({ line, column, message }))
  }
}

const TOKEN = 'jackfield.token'

/** The access token of this tab: it is gone with it. */
export const token = {
  get: () => sessionStorage.getItem(TOKEN),
  keep: (value: string) => sessionStorage.setItem(TOKEN, value),
  forget: () => sessionStorage.removeItem(TOKEN),
}

export function authorization(): Record<string, string> {
  const value = token.get()
  return value === null ? {} : { Authorization: `Bearer ${value}` }
}

export const api = createClient<paths>({ baseUrl: '/' })

api.use({
  onRequest({ request }) {
    for (const [name, value] of Object.entries(authorization())) request.headers.set(name, value)
    return request
  },
})

/** The answer's data; throws a `Refusal` without. */
export async function data<T>(
  answer: Promise<{ data?: T; error?: unknown; response: Response }>,
): Promise<T> {
  const { data, error, response } = await answer
  if (data === undefined) throw new Refusal(response.status, error as Problem)
  return data
}
