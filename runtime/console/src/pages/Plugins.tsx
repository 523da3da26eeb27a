import { Badge, Code, Paper, Stack, Table, Title } from '@mantine/core'
import { IconPuzzle } from '@tabler/icons-react'
import { useQuery } from '@tanstack/react-query'
import { Link, useParams } from '@tanstack/react-router'
import { useTranslation } from 'react-i18next'
import { api, data, type Schema } from '../api/client'
import { Empty } from '../ui/Empty'
import { Listing, Opener } from '../ui/Listing'
import { Loaded } from '../ui/Loaded'

/** A standing's colour. */
export const STANDINGS: Record<Schema<'Plugin'>['standing'], string> = {
  serving: 'teal',
  quarantined: 'red',
  trial: 'yellow',
  disabled: 'gray',
  revoked: 'red',
  missing: 'gray',
}

export function Plugins() {
  const { t } = useTranslation()
  const { tenant } = useParams({ from: '/t/$tenant' })
  const all = useQuery({
    queryKey: ['live', tenant, 'plugins'],
    queryFn: () => data(api.GET('/api/v1/tenants/{tenant}/plugins', { params: { path: { tenant } } })),
  })
  return (
    <Stack>
      <Title order={1} size="h3">
        {t('plugins.title')}
      </Title>
      <Paper withBorder p="md">
        <Loaded query={all} height={160}>
          {({ items }) =>
            items.length === 0 ? (
              <Empty icon={IconPuzzle} title={t('plugins.none')} text={t('plugins.none_about')} />
            ) : (
              <List tenant={tenant} all={items} />
            )
          }
        </Loaded>
      </Paper>
    </Stack>
  )
}

function List({ tenant, all }: { tenant: string; all: Schema<'Plugin'>[] }) {
  const { t } = useTranslation()
  const columns = ['name', 'world', 'standing', 'versions', 'digest'] as const
  return (
    <Listing heads={columns.map((column) => t(`plugins.${column}`))} minWidth={640}>
      {all.map((plugin) => (
        <Table.Tr key={plugin.name}>
          <Opener
            link={(props) => (
              <Link to="/t/$tenant/plugins/$plugin" params={{ tenant, plugin: plugin.name }} {...props} />
            )}
          >
            {plugin.name}
          </Opener>
          <Table.Td>{plugin.world}</Table.Td>
          <Table.Td>
            <Badge color={STANDINGS[plugin.standing]} variant="light">
              {t(`standing.${plugin.standing}`)}
            </Badge>
          </Table.Td>
          <Table.Td>{plugin.versions}</Table.Td>
          <Table.Td>{plugin.active_digest === null ? '–' : <Code>{plugin.active_digest.slice(0, 12)}</Code>}</Table.Td>
        </Table.Tr>
      ))}
    </Listing>
  )
}
