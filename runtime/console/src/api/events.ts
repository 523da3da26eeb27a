/** What happened, as the stream of a tenant's events says it. */
export interface Happened {
  event: string
  /** As the journal has it. */
  data: unknown
}

/** Takes what has come of a stream of server-sent events apart: whole events, and the rest, which is not one yet.
 * An event whose data is no JSON is passed over. */
export function takeEvents(text: string): { events: Happened[]; rest: string } {
  const parts = text.split('\n\n')
  const rest = parts.pop() ?? ''
  const events = parts.flatMap((part) => {
    const field = (name: string) => part.split('\n').find((line) => line.startsWith(`${name}: `))?.slice(name.length + 2)
    const [event, data] = [field('event'), field('data')]
    if (event === undefined || data === undefined) return []
    try {
      const said = JSON.parse(data) as { data?: unknown }
      return [{ event, data: said.data }]
    } catch {
      return []
    }
  })
  return { events, rest }
}

/** How long a contact was said to wait from a moment on. */
export interface Estimate {
  interaction: string
  queue: string
  position: number
  p50_ms: number
  p90_ms: number
  /** Whether the customer may be told it: the queue's estimates are calibrated. */
  told: boolean
  /** When this was heard here, in milliseconds since 1970. */
  at: number
}

interface Span {
  secs: number
  nanos: number
}

/** The estimate that an event tells of, if it does. */
export function estimated({ event, data }: Happened, at: number): Estimate | undefined {
  if (event !== 'estimated' || typeof data !== 'object' || data === null) return undefined
  const said = data as Partial<Estimate> & { estimate?: { p50?: Partial<Span>; p90?: Partial<Span> } }
  const ms = (span: Partial<Span> | undefined) => 1_000 * (span?.secs ?? 0) + (span?.nanos ?? 0) / 1e6
  const { interaction, queue, position = 1, told = false, estimate } = said
  if (interaction === undefined || queue === undefined || estimate === undefined) return undefined
  return { interaction, queue, position, told, at, p50_ms: ms(estimate.p50), p90_ms: ms(estimate.p90) }
}
