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
  type?: string
  title?: string
  detail?: string
  errors?: (Partial<Mistake> & { field?: string })[]
}

/** What the server says when it does not do something (RFC 9457). */
export class Refusal extends Error {
  readonly status: number
  /** Which refusal it is, such as `code-needed`. */
  readonly name: string
  /** The fields that are not accepted, and why. */
  readonly fields: Record<string, string>
  /** Of a script. */
  readonly mistakes: Mistake[]

  constructor(status: number, problem: Problem | undefined) {
    super(problem?.detail ?? problem?.title ?? `${status}`)
    this.status = status
    this.name = problem?.type?.split(':').pop() ?? ''
    const errors = problem?.errors ?? []
    this.fields = Object.fromEntries(errors.map(({ field = '', message = '' }) => [field, message]))
    this.mistakes = errors.map(({ line = 1, column = 1, message = '' }) => ({ line, column, message }))
  }
}

/** The browser sends the cookie of the session by itself: pages never see what it says. */
export const api = createClient<paths>({ baseUrl: '/' })

/** The answer's data; throws a `Refusal` without. */
export async function data<T>(
  answer: Promise<{ data?: T; error?: unknown; response: Response }>,
): Promise<T> {
  const { data, error, response } = await answer
  if (data === undefined) throw new Refusal(response.status, error as Problem)
  return data
}
