import { Alert, Group, Paper, SegmentedControl, Select, Stack, Text, TextInput, Title } from '@mantine/core'
import { IconChartBar } from '@tabler/icons-react'
import { useQuery } from '@tanstack/react-query'
import { useParams } from '@tanstack/react-router'
import { useState } from 'react'
import { useTranslation } from 'react-i18next'
import { compared, EARLIER, lines, type Earlier } from '../report/compare'
import { Downloads } from '../report/Downloads'
import { Figures } from '../report/Figures'
import { fetchReport, figure, type Range } from '../report/kpis'
import { Empty } from '../ui/Empty'
import { Loaded } from '../ui/Loaded'
import { day, days, PERIODS, span, type Period } from '../ui/period'

/** Two days in their fields. */
interface Own {
  first: string
  last: string
}

const today = (): Own => ({ first: day(new Date()), last: day(new Date()) })

export function Report() {
  const { t } = useTranslation()
  const { tenant } = useParams({ from: '/t/$tenant' })
  const [period, choose] = useState<Period | 'own'>('today')
  const [own, chooseOwn] = useState(today)
  const [how, compare] = useState<Earlier>('none')
  const [other, chooseOther] = useState(today)
  // The moment to which a period runs that is not over; kept, or the question would be another each time.
  const [asked, ask] = useState(() => new Date())
  const again = <T,>(change: (value: T) => void) => (value: T) => {
    ask(new Date())
    change(value)
  }
  const range = period === 'own' ? days(own.first, own.last) : span(period, asked)
  const runs = range !== undefined && asked < new Date(range.to)
  // What is told of a period that runs is of the time until now.
  const told = range && { from: range.from, to: runs ? asked.toISOString() : range.to }
  const before = range && earlier(how, range, other, asked)
  const wrong = range === undefined || (how !== 'none' && before === undefined)
  const now = useReport(tenant, range)
  const then = useReport(tenant, before)
  // One without the other would be shown as if there were nothing to compare with.
  const ready = before !== undefined && then.data === undefined ? then : now
  return (
    <Stack>
      <Group justify="space-between">
        <Title order={1} size="h3">
          {t('report.title')}
        </Title>
        {now.data !== undefined && told !== undefined && (
          <Downloads tenant={tenant} now={now.data} range={told} before={then.data} earlier={before} />
        )}
      </Group>
      <Group align="flex-end" gap="sm">
        <SegmentedControl
          aria-label={t('report.period')}
          value={period}
          onChange={again((value) => choose(value as Period | 'own'))}
          data={[...PERIODS, 'own'].map((value) => ({ value, label: t(`report.${value}`) }))}
        />
        {period === 'own' && <Days of={own} change={again(chooseOwn)} />}
        <Select
          w={320}
          label={t('report.compare')}
          data={EARLIER.map((value) => ({ value, label: t(`report.earlier.${value}`) }))}
          value={how}
          allowDeselect={false}
          onChange={again((value) => value !== null && compare(value as Earlier))}
        />
        {how === 'own' && <Days of={other} change={again(chooseOther)} />}
      </Group>
      {wrong && <Alert color="orange">{t('recordings.bad_period')}</Alert>}
      {before !== undefined && told !== undefined && <Compared range={told} before={before} runs={runs && how !== 'own'} />}
      <Paper withBorder p="md">
        <Loaded query={ready} height={320}>
          {() => {
            const kpis = now.data
            if (kpis === undefined) return null
            const none = [kpis, then.data].every((one) => (figure(one?.total, 'offered') ?? 0) === 0)
            if (none) return <Empty icon={IconChartBar} title={t('report.none')} text={t('report.none_about')} />
            return <Figures all={lines(kpis, then.data)} compares={then.data !== undefined} />
          }}
        </Loaded>
      </Paper>
    </Stack>
  )
}

function useReport(tenant: string, range: Range | undefined) {
  return useQuery({
    queryKey: ['report', tenant, range],
    queryFn: () => (range === undefined ? Promise.reject(new Error('there is no period')) : fetchReport(tenant, range)),
    enabled: range !== undefined,
  })
}

/** The time to compare with; undefined if there is none. */
function earlier(how: Earlier, range: Range, other: Own, now: Date): Range | undefined {
  if (how === 'none') return undefined
  return how === 'own' ? days(other.first, other.last) : compared(range, how, now)
}

function Days({ of, change }: { of: Own; change: (days: Own) => void }) {
  const { t } = useTranslation()
  return (
    <>
      <TextInput type="date" label={t('recordings.first')} value={of.first} onChange={(event) => change({ ...of, first: event.currentTarget.value })} />
      <TextInput type="date" label={t('recordings.last')} value={of.last} onChange={(event) => change({ ...of, last: event.currentTarget.value })} />
    </>
  )
}

/** Which times exactly stand side by side, and what a reader has to know of them. */
function Compared({ range, before, runs }: { range: Range; before: Range; runs: boolean }) {
  const { t, i18n } = useTranslation()
  const moment = new Intl.DateTimeFormat(i18n.language, { dateStyle: 'medium', timeStyle: 'short' })
  const shown = ({ from, to }: Range) => moment.formatRange(Date.parse(from), Date.parse(to))
  return (
    <Text size="sm">
      {t('report.compared', { now: shown(range), before: shown(before) })}
      {runs && ` ${t('report.runs')}`}
    </Text>
  )
}
