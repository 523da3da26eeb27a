import { Badge, Button, Group, Paper, Stack, Table, Text, Title } from '@mantine/core'
import { Link } from '@tanstack/react-router'
import { useTranslation } from 'react-i18next'
import type { Pop } from './socket'

/** Who the customer is, what was said and pressed so far, what was before, and why this agent. */
export function Customer({ tenant, pop }: { tenant: string; pop: Pop }) {
  const { t } = useTranslation()
  const { contact } = pop
  return (
    <Stack>
      <Paper withBorder p="md" component="section" aria-label={t('desk.customer')}>
        <Group justify="space-between">
          <Group gap="sm">
            <Title order={2} size="h4">
              {contact?.name || pop.ani || t('desk.unknown')}
            </Title>
            {contact?.segment && <Badge variant="light">{contact.segment}</Badge>}
          </Group>
          {contact !== null && (
            <Button
              variant="subtle"
              size="compact-sm"
              renderRoot={(props) => (
                <Link to="/t/$tenant/contacts/$contact" params={{ tenant, contact: contact.id }} {...props} />
              )}
            >
              {t('desk.card')}
            </Button>
          )}
        </Group>
        <Facts pop={pop} />
        {contact?.notes.map((note) => (
          <Text key={note.at} size="sm" mt="xs" style={{ whiteSpace: 'pre-wrap' }}>
            {note.text}{' '}
            <Text span c="dimmed" size="sm">
              {note.author}
            </Text>
          </Text>
        ))}
      </Paper>
      <Chosen pop={pop} />
      <Earlier tenant={tenant} pop={pop} />
      <Why pop={pop} />
    </Stack>
  )
}

function Facts({ pop }: { pop: Pop }) {
  const { t } = useTranslation()
  const { contact } = pop
  const facts = [
    [t('contacts.phones'), contact?.phones.join(', ') || pop.ani],
    [t('contacts.emails'), contact?.emails.join(', ')],
    [t('contacts.language'), contact?.language],
    [t('desk.dialled'), pop.dnis],
    ...Object.entries(contact?.fields ?? {}),
  ].filter(([, value]) => value) as [string, string][]
  return (
    <Table verticalSpacing={4} mt="xs">
      <Table.Tbody>
        {facts.map(([name, value]) => (
          <Table.Tr key={name}>
            <Table.Th scope="row" w={160}>
              {name}
            </Table.Th>
            <Table.Td>{value}</Table.Td>
          </Table.Tr>
        ))}
      </Table.Tbody>
    </Table>
  )
}

function Section({ title, children }: { title: string; children: React.ReactNode }) {
  return (
    <Paper withBorder p="md" component="section" aria-label={title}>
      <Title order={3} size="h5" mb="xs">
        {title}
      </Title>
      {children}
    </Paper>
  )
}

/** What the customer chose in the menu, and what the flow wrote down. */
function Chosen({ pop }: { pop: Pop }) {
  const { t, i18n } = useTranslation()
  const events = pop.chosen?.filter(({ what }) => what !== 'arrived') ?? []
  if (events.length === 0) return null
  const told = (what: string, details: [string, string][]) => {
    const of = Object.fromEntries(details)
    if (what === 'attribute') return `${of.name}: ${of.value}`
    const known = i18n.exists(`desk.said.${what}`) ? t(`desk.said.${what}`) : what
    return `${known}: ${details.map(([, value]) => value).join(', ')}`
  }
  return (
    <Section title={t('desk.chosen')}>
      {events.map(({ at, what, details }, place) => (
        <Text key={`${at}${place}`} size="sm">
          {told(what, details)}
        </Text>
      ))}
    </Section>
  )
}

function Earlier({ tenant, pop }: { tenant: string; pop: Pop }) {
  const { t, i18n } = useTranslation()
  const moment = new Intl.DateTimeFormat(i18n.language, { dateStyle: 'medium', timeStyle: 'short' })
  return (
    <Section title={t('desk.earlier')}>
      {pop.callbacks.map((one) => (
        <Badge key={one.since} color="orange" variant="light" mb="xs">
          {t('desk.callback_open', { queue: one.queue })}
        </Badge>
      ))}
      {pop.earlier.length === 0 && <Text size="sm">{t('desk.first_time')}</Text>}
      <Stack gap={2} align="flex-start">
        {pop.earlier.map((one) => (
          <Group key={one.interaction} gap="xs">
            <Button
              variant="subtle"
              size="compact-sm"
              renderRoot={(props) => (
                <Link
                  to="/t/$tenant/interactions/$interaction"
                  params={{ tenant, interaction: one.interaction }}
                  {...props}
                />
              )}
            >
              {moment.format(Date.parse(one.at))}
            </Button>
            <Text size="sm">
              {[t(`desk.channels.${one.channel}`, { defaultValue: one.channel }), one.queue, one.agent].filter(Boolean).join(' · ')}
            </Text>
            {one.open && (
              <Badge color="orange" variant="light">
                {t('desk.open_case')}
              </Badge>
            )}
          </Group>
        ))}
      </Stack>
    </Section>
  )
}

function Why({ pop }: { pop: Pop }) {
  const { t } = useTranslation()
  const reasons = pop.why.filter(([name]) => !['agent', 'queue', 'offer'].includes(name))
  if (reasons.length === 0) return null
  return (
    <Section title={t('desk.why')}>
      {reasons.map(([name, value]) => (
        <Text key={name} size="sm">
          {t(`desk.because.${name}`, { defaultValue: name.replace(/^because /, '') })}: {value}
        </Text>
      ))}
    </Section>
  )
}
