import { Code, Paper, Stack, Table, Title } from '@mantine/core'
import { IconRoute } from '@tabler/icons-react'
import { useQuery } from '@tanstack/react-query'
import { Link, useParams } from '@tanstack/react-router'
import { useTranslation } from 'react-i18next'
import { api, data, type Schema } from '../api/client'
import { Empty } from '../ui/Empty'
import { Listing, Opener } from '../ui/Listing'
import { Loaded } from '../ui/Loaded'

export function Flows() {
  const { t } = useTranslation()
  const { tenant } = useParams({ from: '/t/$tenant' })
  const all = useQuery({
    queryKey: ['live', tenant, 'flows'],
    queryFn: () => data(api.GET('/api/v1/tenants/{tenant}/flows', { params: { path: { tenant } } })),
  })
  return (
    <Stack>
      <Title order={1} size="h3">
        {t('flows.title')}
      </Title>
      <Paper withBorder p="md">
        <Loaded query={all} height={120}>
          {({ items }) =>
            items.length === 0 ? (
              <Empty icon={IconRoute} title={t('flows.none')} text={t('flows.none_about')} />
            ) : (
              <List tenant={tenant} all={items} />
            )
          }
        </Loaded>
      </Paper>
    </Stack>
  )
}

function List({ tenant, all }: { tenant: string; all: Schema<'Flow'>[] }) {
  const { t } = useTranslation()
  return (
    <Listing heads={[t('flows.name'), t('flows.version'), t('flows.digest')]} minWidth={480}>
      {all.map((flow) => (
        <Table.Tr key={flow.name}>
          <Opener
            link={(props) => (
              <Link to="/t/$tenant/flows/$flow" params={{ tenant, flow: flow.name }} {...props} />
            )}
          >
            {flow.name}
          </Opener>
          <Table.Td>{flow.active_version ?? '–'}</Table.Td>
          <Table.Td>{flow.digest === null ? '–' : <Code>{flow.digest.slice(0, 12)}</Code>}</Table.Td>
        </Table.Tr>
      ))}
    </Listing>
  )
}
