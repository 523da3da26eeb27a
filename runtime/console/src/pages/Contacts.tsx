import { Group, Paper, Stack, Table, TextInput, Title } from '@mantine/core'
import { useDebouncedValue } from '@mantine/hooks'
import { IconAddressBook, IconSearch } from '@tabler/icons-react'
import { useInfiniteQuery } from '@tanstack/react-query'
import { Link, useParams } from '@tanstack/react-router'
import { useState } from 'react'
import { useTranslation } from 'react-i18next'
import { api, data, type Schema } from '../api/client'
import { Empty } from '../ui/Empty'
import { Listing, Opener } from '../ui/Listing'
import { byParts, Parts } from '../ui/Parts'

/** How long nobody has typed before it is looked for, in milliseconds. */
const LOOK_AFTER_MS = 300

export function Contacts() {
  const { t } = useTranslation()
  const { tenant } = useParams({ from: '/t/$tenant' })
  const [text, write] = useState('')
  const [address] = useDebouncedValue(text.trim(), LOOK_AFTER_MS)
  const all = useInfiniteQuery({
    queryKey: ['live', tenant, 'contacts', address],
    queryFn: ({ pageParam }) => {
      const query = { cursor: pageParam, address: address === '' ? undefined : address }
      return data(api.GET('/api/v1/tenants/{tenant}/contacts', { params: { path: { tenant }, query } }))
    },
    ...byParts,
  })
  return (
    <Stack>
      <Group justify="space-between">
        <Title order={1} size="h3">
          {t('contacts.title')}
        </Title>
        <TextInput
          w={320}
          aria-label={t('contacts.find')}
          placeholder={t('contacts.find')}
          leftSection={<IconSearch size={16} aria-hidden />}
          value={text}
          onChange={(event) => write(event.currentTarget.value)}
        />
      </Group>
      <Paper withBorder p="md">
        <Parts query={all} height={160}>
          {(items) => {
            if (items.length > 0) return <List tenant={tenant} all={items} />
            const what = address === '' ? 'none' : 'unknown'
            return <Empty icon={IconAddressBook} title={t(`contacts.${what}`)} text={t(`contacts.${what}_about`)} />
          }}
        </Parts>
      </Paper>
    </Stack>
  )
}

function List({ tenant, all }: { tenant: string; all: Schema<'Contact'>[] }) {
  const { t } = useTranslation()
  const columns = ['name', 'phones', 'emails', 'segment', 'language'] as const
  return (
    <Listing heads={columns.map((column) => t(`contacts.${column}`))} minWidth={640}>
      {all.map((one) => (
        <Table.Tr key={one.id}>
          <Opener
            link={(props) => (
              <Link to="/t/$tenant/contacts/$contact" params={{ tenant, contact: one.id }} {...props} />
            )}
          >
            {one.name || one.id}
          </Opener>
          <Table.Td>{one.phones.join(', ')}</Table.Td>
          <Table.Td>{one.emails.join(', ')}</Table.Td>
          <Table.Td>{one.segment ?? '–'}</Table.Td>
          <Table.Td>{one.language ?? '–'}</Table.Td>
        </Table.Tr>
      ))}
    </Listing>
  )
}
