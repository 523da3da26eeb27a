import { Code, Group, Paper, Table, Text, Title } from '@mantine/core'
import { useTranslation } from 'react-i18next'
import type { Schema } from '../api/client'

type State = NonNullable<Schema<'PluginState'>['rollout']>

/** How the candidate stands that is tried beside the active version. */
export function Rollout({ of }: { of: State }) {
  const { t, i18n } = useTranslation()
  const moment = new Intl.DateTimeFormat(i18n.language, { dateStyle: 'medium', timeStyle: 'short' })
  return (
    <Paper withBorder p="md">
      <Group gap="xs" mb="sm">
        <Title order={2} size="h5">
          {t(`rollout.${of.mode}`)}
        </Title>
        <Code>{of.candidate.slice(0, 12)}</Code>
        <Text size="sm" c="dimmed">
          {t('rollout.since', { when: moment.format(Date.parse(of.since)), by: of.by })}
        </Text>
      </Group>
      {of.canary && <Canary of={of.canary} />}
      {of.shadow && <Shadow of={of.shadow} />}
    </Paper>
  )
}

function Canary({ of }: { of: NonNullable<State['canary']> }) {
  const { t, i18n } = useTranslation()
  const percent = new Intl.NumberFormat(i18n.language, { style: 'percent', maximumFractionDigits: 1 })
  const shown = (share: number | null, count: number) =>
    share === null ? '–' : t('rollout.of_contacts', { share: percent.format(share), count })
  return (
    <>
      <Text size="sm">{t('rollout.has', { share: of.share, contacts: of.contacts, others: of.active_contacts })}</Text>
      <Table mt="xs" verticalSpacing="xs">
        <Table.Thead>
          <Table.Tr>
            {(['figure', 'candidate', 'active', 'p_value'] as const).map((column) => (
              <Table.Th key={column}>{t(`rollout.${column}`)}</Table.Th>
            ))}
          </Table.Tr>
        </Table.Thead>
        <Table.Tbody>
          {of.figures.map((one) => (
            <Table.Tr key={one.figure}>
              <Table.Th scope="row">{t(`rollout.figures.${one.figure}`)}</Table.Th>
              <Table.Td>{shown(one.candidate, one.candidate_contacts)}</Table.Td>
              <Table.Td>{shown(one.active, one.active_contacts)}</Table.Td>
              <Table.Td>{one.p_value.toPrecision(2)}</Table.Td>
            </Table.Tr>
          ))}
        </Table.Tbody>
      </Table>
      <Text size="xs" c="dimmed" mt="xs">
        {t('rollout.rule', { limit: of.p_value_limit.toPrecision(2), minimum: of.minimum })}
      </Text>
    </>
  )
}

function Shadow({ of }: { of: NonNullable<State['shadow']> }) {
  const { t } = useTranslation()
  const { answered, agreed, differed, skipped } = of
  return (
    <>
      <Text size="sm">{t('rollout.answers', { answered, agreed, differed, skipped })}</Text>
      {of.differences.length > 0 && (
        <Table mt="xs" verticalSpacing="xs">
          <Table.Thead>
            <Table.Tr>
              {(['about', 'active', 'candidate'] as const).map((column) => (
                <Table.Th key={column}>{t(`rollout.${column}`)}</Table.Th>
              ))}
            </Table.Tr>
          </Table.Thead>
          <Table.Tbody>
            {of.differences.map((one, index) => (
              <Table.Tr key={index}>
                <Table.Th scope="row">{one.interaction}</Table.Th>
                <Table.Td>{one.active}</Table.Td>
                <Table.Td>{one.candidate}</Table.Td>
              </Table.Tr>
            ))}
          </Table.Tbody>
        </Table>
      )}
    </>
  )
}

/** What was tried, promoted and taken back. */
export function Steps({ all }: { all: Schema<'PluginState'>['steps'] }) {
  const { t, i18n } = useTranslation()
  const moment = new Intl.DateTimeFormat(i18n.language, { dateStyle: 'medium', timeStyle: 'medium' })
  return (
    <Paper withBorder p="md">
      <Title order={2} size="h5" mb="sm">
        {t('rollout.steps')}
      </Title>
      <Table.ScrollContainer minWidth={640}>
        <Table verticalSpacing="xs">
          <Table.Tbody>
            {all.map((step, index) => (
              <Table.Tr key={index}>
                <Table.Th scope="row">{moment.format(Date.parse(step.at))}</Table.Th>
                <Table.Td>{t(`rollout.what.${step.what}`)}</Table.Td>
                <Table.Td>
                  <Code>{step.candidate.slice(0, 12)}</Code>
                </Table.Td>
                <Table.Td>{step.by}</Table.Td>
                <Table.Td>{[step.share, step.reason].filter((text) => text !== '').join('; ')}</Table.Td>
              </Table.Tr>
            ))}
          </Table.Tbody>
        </Table>
      </Table.ScrollContainer>
    </Paper>
  )
}
