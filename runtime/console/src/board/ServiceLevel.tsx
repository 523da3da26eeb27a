import { Anchor, Group, Popover, Progress, Stack, Table, Text } from '@mantine/core'
import { useState, type KeyboardEvent } from 'react'
import { useTranslation } from 'react-i18next'
import type { Schema } from '../api/client'
import { figure, named, type Kpis } from '../report/kpis'
import { duration } from '../ui/time'
import { dayOf, definitionOf, type Formula } from './board'

/** T of a service level as the queue has it, in words: `20 s`. */
export function useTarget(unitDisplay: 'short' | 'narrow' = 'short'): (of: Schema<'Queue'>) => string {
  const { i18n } = useTranslation()
  const seconds = new Intl.NumberFormat(i18n.language, { style: 'unit', unit: 'second', unitDisplay })
  return ({ target }) => (target === null ? '–' : seconds.format(target.within_ms / 1_000))
}

/** What the letters of the formulas stand for, by the key of the count. */
const COUNTS = [
  ['A', 'answered'],
  ['A≤T', 'answered_within'],
  ['B', 'abandoned'],
  ['B≤T', 'abandoned_within'],
  ['B_s', 'short_abandoned'],
] as const

/** The day's service level, by which formula and T; the formula and the counts in it open by a key too. */
export function ServiceLevel({ of, day, formula }: { of: Schema<'Queue'>; day: Kpis | undefined; formula: Formula }) {
  const { t } = useTranslation()
  const T = useTarget()(of)
  const row = dayOf(day, of.queue)
  const level = figure(row, formula)
  const percent = level === null ? null : Math.round(level * 100)
  const [opened, open] = useState(false)
  const good = level === null || level >= (of.target?.share ?? 0)
  return (
    <div>
      <Group gap={6} justify="space-between" wrap="nowrap">
        {/* It stands next to its button for those who go through the page by keys or hear it. */}
        <Popover opened={opened} onChange={open} width={420} position="bottom-start" withArrow withinPortal={false}>
          <Popover.Target>
            <Anchor
              component="button"
              type="button"
              size="sm"
              underline="always"
              ta="left"
              onClick={() => open(!opened)}
              onKeyDown={(event: KeyboardEvent) => event.key === 'Escape' && open(false)}
            >
              {t('board.service_level_by', { formula, T })}
            </Anchor>
          </Popover.Target>
          <Popover.Dropdown>
            <Explained day={day} formula={formula} queue={of.queue} T={T} />
          </Popover.Dropdown>
        </Popover>
        <Text fw={700} style={{ whiteSpace: 'nowrap' }}>
          {percent === null ? t('wallboard.no_data') : `${percent} %`}
        </Text>
      </Group>
      <Progress
        mt={6}
        value={percent ?? 0}
        color={good ? 'teal' : 'orange'}
        aria-label={`${of.queue}: ${t('wallboard.service_level')} ${percent === null ? t('wallboard.no_data') : `${percent} %`}`}
      />
    </div>
  )
}

function Explained({ day, formula, queue, T }: { day: Kpis | undefined; formula: Formula; queue: string; T: string }) {
  const { t, i18n } = useTranslation()
  const definition = definitionOf(day, formula)
  const row = dayOf(day, queue)
  if (definition === undefined) return <Text size="sm">{t('wallboard.no_data')}</Text>
  return (
    <Stack gap="xs">
      <Text fw={600}>{named(definition, i18n.language)}</Text>
      <Text size="sm" ff="monospace">
        {formula} = {definition.formula}
      </Text>
      <Table verticalSpacing={2} aria-label={t('board.counts')}>
        <Table.Tbody>
          {COUNTS.map(([letter, key]) => {
            const name = day?.definitions[key]
            return (
              <Table.Tr key={key}>
                <Table.Th scope="row">{letter}</Table.Th>
                <Table.Td>{name === undefined ? key : named(name, i18n.language)}</Table.Td>
                <Table.Td ta="right">{figure(row, key) ?? 0}</Table.Td>
              </Table.Tr>
            )
          })}
          <Table.Tr>
            <Table.Th scope="row">T</Table.Th>
            <Table.Td>{t('board.target_time')}</Table.Td>
            <Table.Td ta="right">{T}</Table.Td>
          </Table.Tr>
        </Table.Tbody>
      </Table>
      <Text size="xs" c="dimmed">
        {[t('board.since_midnight'), definition.notes].filter((text) => text !== '').join('. ')}
      </Text>
    </Stack>
  )
}

/** `2:00–4:30`: half of such contacts wait no longer than the first, nine of ten no longer than the second. */
export function between(p50_ms: number, p90_ms: number): string {
  return `${duration(p50_ms)}–${duration(p90_ms)}`
}
