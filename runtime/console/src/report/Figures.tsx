import { Group, Table, Text, Tooltip } from '@mantine/core'
import { IconTrendingDown, IconTrendingUp } from '@tabler/icons-react'
import { useTranslation } from 'react-i18next'
import type { Line } from './compare'
import { isVendors, named } from './kpis'
import { writer } from './shown'

/** A row a KPI with its formula beside, a column a queue; what is nothing anywhere is left out. Of a comparison each
 * cell has what it was, the difference, and in words whether that is better. */
export function Figures({ all, compares }: { all: Line[]; compares: boolean }) {
  const { t, i18n } = useTranslation()
  const shown = all.filter((line) => !isVendors(line.key))
  const queues = [...new Set(shown.map((line) => line.queue))]
  const of = new Map(shown.map((line) => [`${line.queue ?? ''} ${line.key}`, line]))
  const keys = [...new Set(shown.filter((line) => (line.now ?? 0) !== 0 || (line.before ?? 0) !== 0).map((line) => line.key))]
  return (
    <Table.ScrollContainer minWidth={640}>
      <Table verticalSpacing={6} stickyHeader>
        <Table.Thead>
          <Table.Tr>
            <Table.Th>{t('report.figure')}</Table.Th>
            {queues.map((queue) => (
              <Table.Th key={queue ?? ''} ta="right">
                {queue ?? t('report.total')}
              </Table.Th>
            ))}
            <Table.Th>{t('report.formula')}</Table.Th>
          </Table.Tr>
        </Table.Thead>
        <Table.Tbody>
          {keys.map((key) => {
            const definition = shown.find((line) => line.key === key)?.definition
            if (definition === undefined) return null
            return (
              <Table.Tr key={key}>
                <Table.Th scope="row">
                  <Tooltip label={definition.notes || key} multiline maw={360}>
                    <span>{named(definition, i18n.language)}</span>
                  </Tooltip>
                </Table.Th>
                {queues.map((queue) => (
                  <Table.Td key={queue ?? ''} ta="right">
                    <Cell of={of.get(`${queue ?? ''} ${key}`)} compares={compares} />
                  </Table.Td>
                ))}
                <Table.Td>
                  <Text size="sm" c="dimmed">
                    {definition.formula}
                  </Text>
                </Table.Td>
              </Table.Tr>
            )
          })}
        </Table.Tbody>
      </Table>
    </Table.ScrollContainer>
  )
}

function Cell({ of, compares }: { of: Line | undefined; compares: boolean }) {
  const { t, i18n } = useTranslation()
  if (of === undefined) return '–'
  const { value, difference } = writer(i18n.language, t('report.points'))
  const { unit } = of.definition
  if (!compares) return value(of.now, unit)
  const Trend = (of.difference ?? 0) < 0 ? IconTrendingDown : IconTrendingUp
  return (
    <>
      <Text fw={600}>{value(of.now, unit)}</Text>
      <Text size="sm" c="dimmed" style={{ whiteSpace: 'nowrap' }}>
        {t('report.was', { value: value(of.before, unit) })}
      </Text>
      {of.difference !== null && (
        <Group gap={4} justify="flex-end" wrap="nowrap">
          {of.difference !== 0 && <Trend size={14} aria-hidden />}
          <Text size="sm" style={{ whiteSpace: 'nowrap' }}>
            {difference(of.difference, unit)}
            {of.verdict !== null && `, ${t(`report.${of.verdict}`)}`}
          </Text>
        </Group>
      )}
    </>
  )
}
