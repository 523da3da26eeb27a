import { Button, Group, Paper, SegmentedControl, Stack, Table, Text, Title, Tooltip } from '@mantine/core'
import { IconChartBar, IconDownload } from '@tabler/icons-react'
import { useMutation, useQuery } from '@tanstack/react-query'
import { useParams } from '@tanstack/react-router'
import { useState } from 'react'
import { useTranslation } from 'react-i18next'
import { api, data } from '../api/client'
import { Empty } from '../ui/Empty'
import { Loaded } from '../ui/Loaded'
import { PERIODS, span, type Period } from '../ui/period'
import { duration } from '../ui/time'

/** What the server says of every KPI: `kpi` of the report, as runtime/figures/KPI.md has it. */
interface Kpis {
  definitions: Record<string, Definition>
  total: Row
  by_queue?: (Row & { queue: string })[]
}

interface Definition {
  name: string
  name_ru: string
  formula: string
  unit: string
  notes: string
}

type Row = Record<string, unknown>

export function Report() {
  const { t } = useTranslation()
  const { tenant } = useParams({ from: '/t/$tenant' })
  const [period, choose] = useState<Period>('today')
  const query = span(period, new Date())
  const report = useQuery({
    queryKey: ['report', tenant, query.from, query.to],
    queryFn: () =>
      data(api.GET('/api/v1/tenants/{tenant}/report', { params: { path: { tenant }, query } })),
    select: (whole) => whole.kpi as unknown as Kpis,
  })
  return (
    <Stack>
      <Group justify="space-between">
        <Title order={1} size="h3">
          {t('report.title')}
        </Title>
        <Group gap="sm">
          <SegmentedControl
            aria-label={t('report.period')}
            value={period}
            onChange={(value) => choose(value as Period)}
            data={PERIODS.map((value) => ({ value, label: t(`report.${value}`) }))}
          />
          <Download tenant={tenant} query={query} />
        </Group>
      </Group>
      <Paper withBorder p="md">
        <Loaded query={report} height={320}>
          {(kpis) =>
            kpis.total.offered === 0 ? (
              <Empty icon={IconChartBar} title={t('report.none')} text={t('report.none_about')} />
            ) : (
              <Figures of={kpis} />
            )
          }
        </Loaded>
      </Paper>
    </Stack>
  )
}

/** A row a KPI with its formula beside, a column a queue; what has no data anywhere is left out. */
function Figures({ of }: { of: Kpis }) {
  const { t, i18n } = useTranslation()
  const columns = [{ name: t('report.total'), row: of.total }].concat(
    (of.by_queue ?? []).map((row) => ({ name: row.queue, row })),
  )
  const numbers = new Intl.NumberFormat(i18n.language, { maximumFractionDigits: 1 })
  const percents = new Intl.NumberFormat(i18n.language, { style: 'percent', maximumFractionDigits: 1 })
  const shown = (value: unknown, unit: string) => {
    if (typeof value !== 'number') return '–'
    if (unit === 'ratio') return percents.format(value)
    return unit === 'seconds' ? duration(value * 1_000) : numbers.format(value)
  }
  const known = Object.entries(of.definitions).filter(([key]) =>
    columns.some(({ row }) => typeof row[key] === 'number' && row[key] !== 0),
  )
  return (
    <Table.ScrollContainer minWidth={640}>
      <Table verticalSpacing={6} stickyHeader>
        <Table.Thead>
          <Table.Tr>
            <Table.Th>{t('report.figure')}</Table.Th>
            {columns.map(({ name }) => (
              <Table.Th key={name} ta="right">
                {name}
              </Table.Th>
            ))}
            <Table.Th>{t('report.formula')}</Table.Th>
          </Table.Tr>
        </Table.Thead>
        <Table.Tbody>
          {known.map(([key, definition]) => (
            <Table.Tr key={key}>
              <Table.Th scope="row">
                <Tooltip label={definition.notes || key} multiline maw={360}>
                  <span>{i18n.language === 'ru' ? definition.name_ru : definition.name}</span>
                </Tooltip>
              </Table.Th>
              {columns.map(({ name, row }) => (
                <Table.Td key={name} ta="right">
                  {shown(row[key], definition.unit)}
                </Table.Td>
              ))}
              <Table.Td>
                <Text size="sm" c="dimmed">
                  {definition.formula}
                </Text>
              </Table.Td>
            </Table.Tr>
          ))}
        </Table.Tbody>
      </Table>
    </Table.ScrollContainer>
  )
}

function Download({ tenant, query }: { tenant: string; query: { from: string; to: string } }) {
  const { t } = useTranslation()
  const fetched = useMutation({
    mutationFn: async () => {
      const words = new URLSearchParams({ ...query, as: 'csv' })
      const path = `/api/v1/tenants/${encodeURIComponent(tenant)}/report?${words}`
      const response = await fetch(path)
      if (!response.ok) throw new Error(`${response.status}`)
      const link = document.createElement('a')
      link.href = URL.createObjectURL(await response.blob())
      link.download = `${tenant}-${query.from.slice(0, 10)}.csv`
      link.click()
      URL.revokeObjectURL(link.href)
    },
  })
  return (
    <Button
      variant="default"
      leftSection={<IconDownload size={16} />}
      loading={fetched.isPending}
      title={fetched.error?.message}
      onClick={() => fetched.mutate()}
    >
      {t('report.download')}
    </Button>
  )
}
