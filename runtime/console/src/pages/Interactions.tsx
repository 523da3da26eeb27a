import { Badge, Paper, Stack, Table, Text, Title } from '@mantine/core'
import { IconHistory } from '@tabler/icons-react'
import { useInfiniteQuery } from '@tanstack/react-query'
import { Link, useParams } from '@tanstack/react-router'
import { useTranslation } from 'react-i18next'
import { api, data, type Schema } from '../api/client'
import { Empty } from '../ui/Empty'
import { Listing, Opener } from '../ui/Listing'
import { byParts, Parts } from '../ui/Parts'
import { duration } from '../ui/time'

export function Interactions() {
  const { t } = useTranslation()
  const { tenant } = useParams({ from: '/t/$tenant' })
  const all = useInfiniteQuery({
    queryKey: ['live', tenant, 'interactions'],
    queryFn: ({ pageParam }) => {
      const query = { cursor: pageParam }
      return data(api.GET('/api/v1/tenants/{tenant}/interactions', { params: { path: { tenant }, query } }))
    },
    ...byParts,
  })
  return (
    <Stack>
      <Title order={1} size="h3">
        {t('interactions.title')}
      </Title>
      <Paper withBorder p="md">
        <Parts query={all} height={160}>
          {(items) =>
            items.length === 0 ? (
              <Empty icon={IconHistory} title={t('interactions.none')} text={t('interactions.none_about')} />
            ) : (
              <List tenant={tenant} all={items} />
            )
          }
        </Parts>
      </Paper>
    </Stack>
  )
}

function List({ tenant, all }: { tenant: string; all: Schema<'Interaction'>[] }) {
  const { t, i18n } = useTranslation()
  const moment = new Intl.DateTimeFormat(i18n.language, { dateStyle: 'short', timeStyle: 'medium' })
  const columns = ['arrived', 'channel', 'from', 'to', 'queue', 'agent', 'wait', 'talk', 'end'] as const
  return (
    <Listing heads={columns.map((column) => t(`interactions.${column}`))} minWidth={840} highlightOnHover>
      {all.map((one) => (
        <Table.Tr key={one.id}>
          <Opener
            link={(props) => (
              <Link to="/t/$tenant/interactions/$interaction" params={{ tenant, interaction: one.id }} {...props} />
            )}
          >
            {moment.format(Date.parse(one.arrived_at))}
          </Opener>
          <Table.Td>{one.channel}</Table.Td>
          <Table.Td>{one.ani ?? '–'}</Table.Td>
          <Table.Td>{one.dnis}</Table.Td>
          <Table.Td>{one.queue ?? '–'}</Table.Td>
          <Table.Td>{one.agent ?? '–'}</Table.Td>
          <Table.Td>{duration(one.wait_ms)}</Table.Td>
          <Table.Td>{duration(one.talk_ms)}</Table.Td>
          <Table.Td>
            {one.ended_at === null ? (
              <Badge color="blue" variant="light">
                {t('interactions.open')}
              </Badge>
            ) : (
              <Text size="sm">{one.end?.replaceAll('_', ' ') ?? '–'}</Text>
            )}
          </Table.Td>
        </Table.Tr>
      ))}
    </Listing>
  )
}
