import { Alert, Button, Group } from '@mantine/core'
import { IconDownload, IconFileSpreadsheet } from '@tabler/icons-react'
import { useMutation } from '@tanstack/react-query'
import { useTranslation } from 'react-i18next'
import { save } from '../ui/save'
import { csv, lines } from './compare'
import type { Kpis, Range } from './kpis'
import type { Words } from './xlsx'

interface Props {
  tenant: string
  now: Kpis
  range: Range
  before: Kpis | undefined
  earlier: Range | undefined
}

/** The report as files: CSV for programs, XLSX for people. */
export function Downloads({ tenant, now, range, before, earlier }: Props) {
  const { t } = useTranslation()
  const words = useWords(tenant, range, earlier)
  const all = () => lines(now, before)
  const name = `${tenant}-${range.from.slice(0, 10)}`
  const book = useMutation({
    mutationFn: async () => {
      // The writer of such files is fetched with the first one.
      const [{ default: write }, { book }] = await Promise.all([import('write-excel-file/browser'), import('./xlsx')])
      save(await write(book(all(), before !== undefined, words)).toBlob(), `${name}.xlsx`)
    },
  })
  return (
    <Group gap="sm">
      {book.error !== null && <Alert color="red">{book.error.message}</Alert>}
      <Button
        variant="default"
        leftSection={<IconDownload size={16} />}
        // The mark tells programs of the office that it is UTF-8.
        onClick={() => save(new Blob(['\ufeff', csv(all())], { type: 'text/csv' }), `${name}.csv`)}
      >
        {t('report.download')}
      </Button>
      <Button variant="default" leftSection={<IconFileSpreadsheet size={16} />} loading={book.isPending} onClick={() => book.mutate()}>
        {t('report.xlsx')}
      </Button>
    </Group>
  )
}

function useWords(tenant: string, range: Range, earlier: Range | undefined): Words {
  const { t, i18n } = useTranslation()
  const moment = new Intl.DateTimeFormat(i18n.language, { dateStyle: 'medium', timeStyle: 'short' })
  const shown = ({ from, to }: Range) => moment.formatRange(Date.parse(from), Date.parse(to))
  const about: [string, string][] = [
    [t('tenant'), tenant],
    [t('report.period'), shown(range)],
  ]
  if (earlier !== undefined) about.push([t('report.compare'), shown(earlier)])
  return {
    language: i18n.language,
    all: t('report.total'),
    definitions: t('report.definitions'),
    figure: t('report.figure'),
    key: t('report.key'),
    unit: t('report.unit'),
    now: t('report.now'),
    before: t('report.before'),
    difference: t('report.difference'),
    verdict: t('report.verdict'),
    formula: t('report.formula'),
    notes: t('report.notes'),
    better: t('report.better'),
    worse: t('report.worse'),
    points: t('report.points'),
    units: {
      count: t('report.units.count'),
      seconds: t('report.units.seconds'),
      ratio: t('report.units.ratio'),
      points: t('report.units.points'),
    },
    about,
  }
}
