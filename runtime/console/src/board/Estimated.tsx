import { Group, Text } from '@mantine/core'
import { useQuery } from '@tanstack/react-query'
import { useTranslation } from 'react-i18next'
import type { Schema } from '../api/client'
import type { Estimate } from '../api/events'
import { estimatesOf } from '../api/live'
import { between } from './ServiceLevel'

/** The estimates that were heard of since the page was opened, the latest first. */
export function useEstimates(tenant: string): Estimate[] {
  const heard = useQuery<Estimate[]>({ queryKey: estimatesOf(tenant), queryFn: () => [], staleTime: Infinity, initialData: [] })
  return heard.data
}

/** How long who joins a queue waits, as it was said last, and how far that has proved right. */
export function Estimated({ tenant, of }: { tenant: string; of: Schema<'Queue'> }) {
  const { t, i18n } = useTranslation()
  const last = useEstimates(tenant).find((estimate) => estimate.queue === of.queue)
  const { calibration } = of.live
  if (calibration === null) return null
  const percent = new Intl.NumberFormat(i18n.language, { style: 'percent' })
  const hour = new Intl.DateTimeFormat(i18n.language, { timeStyle: 'medium' })
  const { calibrated, answered, censored, p50_coverage, p90_coverage } = calibration
  const judged = answered + censored > 0
  return (
    <div>
      <Group gap={6} justify="space-between" wrap="nowrap">
        <Text size="sm">{t('board.estimated')}</Text>
        <Text size="sm" fw={700}>
          {last === undefined ? t('wallboard.no_data') : between(last.p50_ms, last.p90_ms)}
        </Text>
      </Group>
      <Text size="xs" c="dimmed">
        {last !== undefined && `${t('board.estimated_for', { position: last.position, at: hour.format(last.at) })} `}
        {t(calibrated ? 'board.calibrated' : 'board.uncalibrated')}
        {judged && ` ${t('board.covered', { p50: percent.format(p50_coverage), p90: percent.format(p90_coverage), count: answered })}`}
      </Text>
    </div>
  )
}
