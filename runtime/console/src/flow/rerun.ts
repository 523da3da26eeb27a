// What a recorded caller did, as the simulator takes it.
import type { Schema } from '../api/client'

type Doing = Schema<'CustomerDoing'>
type Interaction = Pick<Schema<'Interaction'>, 'ani' | 'arrived_at' | 'timeline'>

const QUEUE_ENDS = ['served', 'timed_out', 'full', 'closed', 'no_agents', 'left_by_key', 'callback']

/** The flow that led the caller, if one did. */
export function flowOf({ timeline }: Pick<Interaction, 'timeline'>): string | undefined {
  const arrived = timeline.find((event) => event.what === 'arrived')
  return arrived?.details.find(([name]) => name === 'flow')?.[1]
}

/** The same caller at the same moment, who does the same again. */
export function orderOf({ ani, arrived_at, timeline }: Interaction): Schema<'SimulationOrder'> {
  const inputs = timeline.flatMap((event): Doing[] => {
    const detail = (name: string) => event.details.find(([known]) => known === name)?.[1] ?? ''
    switch (event.what) {
      case 'gathered':
        return [detail('digits') === '' ? { kind: 'nothing', value: '' } : { kind: 'digits', value: detail('digits') }]
      case 'left_queue':
        // A queue that is closed takes nobody: the simulator does not ask.
        return QUEUE_ENDS.includes(detail('end')) && detail('end') !== 'closed'
          ? [{ kind: 'queue', value: detail('end') }]
          : []
      case 'recorded':
        return [{ kind: 'record', value: String(Math.round(Number(detail('length_ms')) / 1_000)) }]
      case 'abandoned':
        return [{ kind: 'hang_up', value: '' }]
      default:
        return []
    }
  })
  return { caller: ani, at: arrived_at, inputs }
}
