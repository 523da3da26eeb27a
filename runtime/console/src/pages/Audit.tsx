import { Badge, Button, Code, Group, Modal, Paper, Select, Stack, Table, Text, TextInput, Title } from '@mantine/core'
import { useDebouncedValue } from '@mantine/hooks'
import { IconClipboardList } from '@tabler/icons-react'
import { useInfiniteQuery } from '@tanstack/react-query'
import { useParams } from '@tanstack/react-router'
import { useState } from 'react'
import { useTranslation } from 'react-i18next'
import { api, data, type Schema } from '../api/client'
import { differences, OPERATIONS } from '../audit/differences'
import { Empty } from '../ui/Empty'
import { Listing } from '../ui/Listing'
import { byParts, Parts } from '../ui/Parts'

type Entry = Schema<'AuditEntry'>

/** How long nobody has typed before it is looked for, in milliseconds. */
const LOOK_AFTER_MS = 300

/** Who changed what in the tenant. */
export function Audit() {
  const { t } = useTranslation()
  const { tenant } = useParams({ from: '/t/$tenant' })
  const [typed, type] = useState('')
  const [operation, choose] = useState<string | null>(null)
  const [opened, open] = useState<Entry>()
  const [who] = useDebouncedValue(typed.trim(), LOOK_AFTER_MS)
  const all = useInfiniteQuery({
    queryKey: ['live', tenant, 'audit', who, operation],
    queryFn: ({ pageParam }) => {
      const query = { cursor: pageParam, who: who || undefined, operation: operation ?? undefined }
      return data(api.GET('/api/v1/tenants/{tenant}/audit', { params: { path: { tenant }, query } }))
    },
    ...byParts,
  })
  return (
    <Stack>
      <Title order={1} size="h3">
        {t('audit.title')}
      </Title>
      <Paper withBorder p="md" component="search" aria-label={t('audit.filters')}>
        <Group align="flex-end" gap="sm">
          <TextInput
            w={240}
            label={t('audit.who')}
            placeholder={t('audit.anybody')}
            value={typed}
            onChange={(event) => type(event.currentTarget.value)}
          />
          <Select
            w={320}
            label={t('audit.what')}
            placeholder={t('audit.anything')}
            data={OPERATIONS.map((value) => ({ value, label: t(`audit.operations.${value}`) }))}
            value={operation}
            onChange={choose}
            searchable
            clearable
            clearButtonProps={{ 'aria-label': t('audit.clear') }}
          />
        </Group>
      </Paper>
      <Paper withBorder p="md">
        <Parts query={all} height={240}>
          {(items) =>
            items.length === 0 ? (
              <Empty icon={IconClipboardList} title={t('audit.none')} text={t('audit.none_about')} />
            ) : (
              <List all={items} open={open} />
            )
          }
        </Parts>
      </Paper>
      {opened !== undefined && <Opened of={opened} close={() => open(undefined)} />}
    </Stack>
  )
}

/** What was done, in words. */
function useWords() {
  const { t, i18n } = useTranslation()
  const moment = new Intl.DateTimeFormat(i18n.language, { dateStyle: 'short', timeStyle: 'medium' })
  return {
    what: ({ operation }: Entry) => {
      const key = `audit.operations.${operation}`
      return i18n.exists(key) ? t(key) : operation
    },
    when: ({ at }: Entry) => moment.format(Date.parse(at)),
    who: ({ kind, who }: Entry) => {
      if (kind === 'operator') return t('audit.operator')
      if (kind === 'nobody') return who === null ? t('audit.nobody') : t('audit.not', { name: who })
      return who ?? '–'
    },
    which: ({ path }: Entry) => decodeURIComponent(path.replace(/^\/api\/v1\/(tenants\/[^/]+\/?)?/, '')) || '–',
  }
}

function Status({ of }: { of: Entry }) {
  const { t } = useTranslation()
  const refused = of.status >= 400
  return (
    <Badge color={refused ? 'red' : 'teal'} variant="light">
      {refused ? t('audit.refused', { status: of.status }) : t('audit.done')}
    </Badge>
  )
}

function List({ all, open }: { all: Entry[]; open: (entry: Entry) => void }) {
  const { t } = useTranslation()
  const words = useWords()
  const columns = ['when', 'who', 'what', 'which', 'outcome', 'address'] as const
  return (
    <Listing heads={columns.map((column) => t(`audit.${column}`))} minWidth={900} highlightOnHover>
      {all.map((one) => (
        <Table.Tr key={one.id}>
          <Table.Th scope="row">
            <Button variant="subtle" size="compact-sm" onClick={() => open(one)}>
              {words.when(one)}
            </Button>
          </Table.Th>
          <Table.Td>{words.who(one)}</Table.Td>
          <Table.Td>{words.what(one)}</Table.Td>
          <Table.Td>{words.which(one)}</Table.Td>
          <Table.Td>
            <Status of={one} />
          </Table.Td>
          <Table.Td>{one.address}</Table.Td>
        </Table.Tr>
      ))}
    </Listing>
  )
}

/** One entry: what it was before and what it is since, side by side. */
function Opened({ of, close }: { of: Entry; close: () => void }) {
  const { t } = useTranslation()
  const words = useWords()
  const rows = differences(of.before, of.after)
  return (
    <Modal opened onClose={close} size="xl" title={words.what(of)} closeButtonProps={{ 'aria-label': t('close') }}>
      <Stack>
        <Group gap="sm">
          <Status of={of} />
          <Text size="sm">
            {words.when(of)}, {words.who(of)}, {of.address}
          </Text>
        </Group>
        <Text size="sm">
          {of.method} {of.path}
        </Text>
        {rows.length > 0 && (
          <Listing heads={[t('audit.field'), t('audit.before'), t('audit.after')]} minWidth={480}>
            {rows.map(({ name, before, after, differs }) => (
              <Table.Tr key={name} bg={differs ? 'var(--mantine-color-default-hover)' : undefined}>
                <Table.Th scope="row" fw={differs ? 700 : 400}>
                  {name || t('audit.whole')}
                  {differs && (
                    <Badge ml="xs" size="sm" variant="light">
                      {t('audit.changed')}
                    </Badge>
                  )}
                </Table.Th>
                <Value text={before} />
                <Value text={after} />
              </Table.Tr>
            ))}
          </Listing>
        )}
        {of.body !== null && (
          <Stack gap={4}>
            <Title order={2} size="h5">
              {t('audit.sent')}
            </Title>
            <Code block tabIndex={0}>
              {JSON.stringify(of.body, null, 2)}
            </Code>
          </Stack>
        )}
        {rows.length === 0 && of.body === null && <Text size="sm">{t('audit.no_more')}</Text>}
      </Stack>
    </Modal>
  )
}

function Value({ text }: { text: string | undefined }) {
  return (
    <Table.Td style={{ overflowWrap: 'anywhere' }}>
      {text === undefined ? <Text component="span">–</Text> : <Text component="span" size="sm">{text}</Text>}
    </Table.Td>
  )
}
