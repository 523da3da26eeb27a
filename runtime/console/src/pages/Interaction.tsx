import { Anchor, Badge, Code, Grid, Group, Paper, Stack, Table, Text, Timeline, Title } from '@mantine/core'
import { useQuery } from '@tanstack/react-query'
import { Link, useParams } from '@tanstack/react-router'
import { useTranslation } from 'react-i18next'
import { api, data, type Schema } from '../api/client'
import { flowOf } from '../flow/rerun'
import { Back } from '../ui/Back'
import { Loaded } from '../ui/Loaded'
import { Recording } from '../ui/Recording'

export function Interaction() {
  const { t } = useTranslation()
  const { tenant, interaction } = useParams({ from: '/t/$tenant/interactions/$interaction' })
  const path = { params: { path: { tenant, interaction } } }
  const one = useQuery({
    queryKey: ['live', tenant, 'interaction', interaction],
    queryFn: () => data(api.GET('/api/v1/tenants/{tenant}/interactions/{interaction}', path)),
  })
  return (
    <Stack>
      <Back tenant={tenant} to="interactions" label={t('interactions.back')} />
      <Title order={1} size="h3">
        {t('interactions.story')} <Code fz="inherit">{interaction}</Code>
      </Title>
      <Loaded query={one} height={240}>
        {(found) => (
          <Grid>
            <Grid.Col span={{ base: 12, lg: 8 }}>
              <Paper withBorder p="lg">
                <Story of={found} />
              </Paper>
            </Grid.Col>
            <Grid.Col span={{ base: 12, lg: 4 }}>
              <Stack>
                {found.recording !== null && found.ended_at !== null && (
                  <Recording tenant={tenant} interaction={interaction} />
                )}
                {flowOf(found) !== undefined && <Rerun tenant={tenant} of={found} flow={flowOf(found) ?? ''} />}
                <Decisions tenant={tenant} of={found} />
                <Attributes all={found.attributes} />
              </Stack>
            </Grid.Col>
          </Grid>
        )}
      </Loaded>
    </Stack>
  )
}

/** Plays the same caller again by the script that is being written. */
function Rerun({ tenant, of, flow }: { tenant: string; of: Schema<'Interaction'>; flow: string }) {
  const { t } = useTranslation()
  return (
    <Anchor
      renderRoot={(props) => (
        <Link to="/t/$tenant/flows/$flow" params={{ tenant, flow }} search={{ rerun: of.id }} {...props} />
      )}
    >
      {t('interactions.rerun')}
    </Anchor>
  )
}

/** What happened, in its order, with how long after the beginning. */
function Story({ of }: { of: Schema<'Interaction'> }) {
  const { i18n } = useTranslation()
  const begin = Date.parse(of.arrived_at)
  const seconds = new Intl.NumberFormat(i18n.language, { minimumFractionDigits: 1, maximumFractionDigits: 1 })
  return (
    <Timeline active={of.timeline.length} bulletSize={14} lineWidth={2}>
      {of.timeline.map((event, index) => (
        <Timeline.Item
          key={index}
          title={
            <Group gap="xs">
              <Text fw={600}>{event.what.replaceAll('_', ' ')}</Text>
              <Text size="sm" c="dimmed">
                +{seconds.format((Date.parse(event.at) - begin) / 1_000)} s
              </Text>
            </Group>
          }
        >
          {event.details.map(([name, value], at) => (
            <Text size="sm" key={at}>
              <Text span c="dimmed">
                {name}:
              </Text>{' '}
              {value}
            </Text>
          ))}
        </Timeline.Item>
      ))}
    </Timeline>
  )
}

/** Why each agent was offered the contact, from the journal. */
function Decisions({ tenant, of }: { tenant: string; of: Schema<'Interaction'> }) {
  const { t } = useTranslation()
  const path = { params: { path: { tenant, interaction: of.id } } }
  const all = useQuery({
    queryKey: ['live', tenant, 'interaction', of.id, 'decisions'],
    queryFn: () => data(api.GET('/api/v1/tenants/{tenant}/interactions/{interaction}/decisions', path)),
    // Reading the journal costs the server something: who was in no queue has no decisions.
    enabled: of.queue !== null,
  })
  if (!all.data || all.data.items.length === 0) return null
  return (
    <Paper withBorder p="md">
      <Title order={2} size="h5" mb="sm">
        {t('interactions.why')}
      </Title>
      <Stack gap="sm">
        {all.data.items.map((one) => (
          <div key={one.offer}>
            <Group gap="xs">
              <Text fw={600}>{one.agent}</Text>
              <Badge variant="light" color={one.outcome === 'accepted' ? 'teal' : 'gray'}>
                {one.outcome?.replaceAll('_', ' ') ?? t('interactions.open')}
              </Badge>
              <Code>{one.routed_by.slice(0, 12)}</Code>
            </Group>
            {one.why.map((reason, index) => (
              <Text size="sm" key={index}>
                {reason}
              </Text>
            ))}
          </div>
        ))}
      </Stack>
    </Paper>
  )
}

function Attributes({ all }: { all: string[][] }) {
  const { t } = useTranslation()
  if (all.length === 0) return null
  return (
    <Paper withBorder p="md">
      <Title order={2} size="h5" mb="sm">
        {t('interactions.attributes')}
      </Title>
      <Table verticalSpacing={4}>
        <Table.Tbody>
          {all.map(([name, value], index) => (
            <Table.Tr key={index}>
              <Table.Th scope="row">{name}</Table.Th>
              <Table.Td>{value}</Table.Td>
            </Table.Tr>
          ))}
        </Table.Tbody>
      </Table>
    </Paper>
  )
}
