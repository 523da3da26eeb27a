import { Anchor, Code, Group, Paper, Skeleton, Stack, Text, Timeline, Title } from '@mantine/core'
import { IconArrowLeft } from '@tabler/icons-react'
import { useQuery } from '@tanstack/react-query'
import { Link, useParams } from '@tanstack/react-router'
import { useTranslation } from 'react-i18next'
import { api, data, type Schema } from '../api/client'
import { Failure } from '../ui/Failure'

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
      <Anchor
        renderRoot={(props) => <Link to="/t/$tenant/interactions" params={{ tenant }} {...props} />}
        size="sm"
      >
        <Group gap={6}>
          <IconArrowLeft size={16} aria-hidden />
          {t('interactions.back')}
        </Group>
      </Anchor>
      <Title order={1} size="h3">
        {t('interactions.story')} <Code fz="inherit">{interaction}</Code>
      </Title>
      <Paper withBorder p="lg">
        {one.error !== null ? (
          <Failure error={one.error} again={() => void one.refetch()} />
        ) : one.data === undefined ? (
          <Skeleton h={240} />
        ) : (
          <Story of={one.data} />
        )}
      </Paper>
    </Stack>
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
