import { Button } from '@mantine/core'
import { useHotkeys } from '@mantine/hooks'
import { IconAlertTriangle, IconPlugConnected, IconPlugConnectedX } from '@tabler/icons-react'
import { useQuery } from '@tanstack/react-query'
import { useNavigate, useParams } from '@tanstack/react-router'
import { useEffect, useState } from 'react'
import { useTranslation } from 'react-i18next'
import { api, data, type Schema } from '../api/client'
import { useLive } from '../api/live'
import { shortly, useWatch } from '../board/alarms'
import { definitionOf, longestWait, seen, STALE_MS, useDay, useFormula, useLimits, useQueues } from '../board/board'
import { crossings } from '../board/limits'
import { screens } from '../board/pages'
import { useTarget } from '../board/ServiceLevel'
import { standing } from '../board/Tile'
import type { Kpis } from '../report/kpis'
import { Loaded } from '../ui/Loaded'
import { duration, useNow } from '../ui/time'
import style from './Tv.module.css'

/** A longer figure is written smaller, such as a wait of an hour. */
const SHORT = 5
/** How long each screen is shown. */
const TURN_MS = 12_000

/** The wallboard for a screen on the wall: large, without anything to press. Escape leaves it, Space stops and starts
 * the turns. */
export function Tv() {
  const { t, i18n } = useTranslation()
  const { tenant } = useParams({ from: '/t/$tenant/wall/tv' })
  const navigate = useNavigate()
  const now = useNow()
  const connection = useLive(tenant)
  useWatch(tenant)
  const [queues, day] = [useQueues(tenant), useDay(tenant)]
  const tenants = useQuery({ queryKey: ['tenants'], queryFn: () => data(api.GET('/api/v1/tenants')) })
  const [formula] = useFormula()
  const all = screens(queues.data?.items ?? [])
  const { turn, stopped, toggle } = useTurns(all.length)
  const leave = () => {
    if (document.fullscreenElement !== null) void document.exitFullscreen()
    void navigate({ to: '/t/$tenant/wallboard', params: { tenant } })
  }
  useHotkeys([['Escape', leave], ['space', toggle]])
  const hour = new Intl.DateTimeFormat(i18n.language, { timeStyle: 'medium' })
  const stale = queues.dataUpdatedAt > 0 && now - queues.dataUpdatedAt > STALE_MS
  const lost = connection === 'lost' || stale || queues.error !== null
  const State = lost ? IconPlugConnectedX : IconPlugConnected
  const waiting = queues.data?.items.reduce((sum, queue) => sum + queue.live.waiting, 0) ?? 0
  const shown = all[turn] ?? []
  return (
    <main className={style.wall}>
      <div className={style.bar}>
        <h1>
          {tenants.data?.items.find((one) => one.id === tenant)?.name || tenant} · {t('wallboard.waiting', { count: waiting })}
        </h1>
        <time className={style.clock}>{hour.format(now)}</time>
      </div>
      {queues.data === undefined ? (
        <Loaded query={queues} height={400}>
          {() => null}
        </Loaded>
      ) : (
        <ul className={style.queues} style={{ gridTemplateColumns: `repeat(${shown.length > 1 ? 2 : 1}, minmax(0, 1fr))` }}>
          {shown.map((of) => (
            <Queue key={of.queue} tenant={tenant} of={of} day={day.data} since={queues.dataUpdatedAt} now={now} />
          ))}
        </ul>
      )}
      <div className={style.bar}>
        <span>{[formula, definitionOf(day.data, formula)?.formula].filter((text) => text !== undefined).join(' = ')}</span>
        <div role="status" className={lost ? `${style.state} ${style.lost}` : style.state}>
          <State size="1.2em" aria-hidden />
          {lost ? t('board.as_of', { at: hour.format(queues.dataUpdatedAt) }) : t(`connection.${connection}`)}
        </div>
        {all.length > 1 && (
          <span>
            {t('board.screen', { turn: turn + 1, count: all.length })}
            {stopped && ` · ${t('board.stopped')}`}
          </span>
        )}
      </div>
      <div className={style.leave}>
        <Button size="xl" onClick={leave}>
          {t('board.leave')}
        </Button>
        {all.length > 1 && (
          <Button size="xl" variant="default" ml="sm" onClick={toggle}>
            {t(stopped ? 'board.go_on' : 'board.stop')}
          </Button>
        )}
      </div>
    </main>
  )
}

/** Which of `count` screens has its turn. */
function useTurns(count: number) {
  const [turn, next] = useState(0)
  const [stopped, stop] = useState(false)
  useEffect(() => {
    if (stopped || count < 2) return
    const timer = setInterval(() => next((turn) => turn + 1), TURN_MS)
    return () => clearInterval(timer)
  }, [stopped, count])
  return { turn: count === 0 ? 0 : turn % count, stopped, toggle: () => stop((before) => !before) }
}

interface Shown {
  tenant: string
  of: Schema<'Queue'>
  day: Kpis | undefined
  since: number
  now: number
}

function Queue({ tenant, of, day, since, now }: Shown) {
  const { t } = useTranslation()
  const [formula] = useFormula()
  const limits = useLimits(tenant)
  const T = useTarget('narrow')(of)
  const { queue, live } = of
  const is = seen(of, day, formula, since, now)
  const crossed = crossings(queue, is, limits.of(of))
  const { name, icon: Picture } = standing(live.open, crossed.length)
  const numbers = [
    ['waiting', t('wallboard.waiting'), String(live.waiting)],
    ['longest_wait_ms', t('wallboard.longest'), live.waiting > 0 ? duration(longestWait(of, since, now)) : '–'],
    ['service_level', `${formula} (${T})`, is.service_level === null ? '–' : `${Math.round(100 * is.service_level)}%`],
  ] as const
  return (
    <li className={style.queue} data-standing={name}>
      <h2 className={style.name}>{queue}</h2>
      <dl className={style.numbers}>
        {numbers.map(([kind, term, value]) => {
          const crossing = crossed.find((one) => one.kind === kind)
          return (
            <div key={kind}>
              <dt>{term}</dt>
              <dd data-long={value.length > SHORT}>{value}</dd>
              {crossing !== undefined && (
                <dd className={style.limit}>
                  <IconAlertTriangle size="1em" aria-hidden /> {shortly(t, crossing)}
                </dd>
              )}
            </div>
          )
        })}
      </dl>
      <div className={style.standing}>
        <strong>
          <Picture size="1.2em" aria-hidden />
          {t(`board.standing.${name}`)}
        </strong>
        <span>
          {t('wallboard.ready')}: {live.ready}
        </span>
      </div>
    </li>
  )
}
