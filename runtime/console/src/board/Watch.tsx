import { useWatch } from './alarms'
import { useTelling } from './board'

/** Watches the limits of the tenant's queues: on the wallboard for everybody, on the other pages for who wants to be
 * told by sound or notification. Shows nothing itself. */
export function Watch({ tenant, here }: { tenant: string; here: boolean }) {
  const [{ sound, desktop }] = useTelling()
  return here || sound || desktop ? <Watching tenant={tenant} /> : null
}

function Watching({ tenant }: { tenant: string }) {
  useWatch(tenant)
  return null
}
