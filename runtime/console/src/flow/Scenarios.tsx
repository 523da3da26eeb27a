import { Alert, Badge, Button, Group, Stack, Text } from '@mantine/core'
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query'
import { useTranslation } from 'react-i18next'
import { api, data } from '../api/client'
import { Failure } from '../ui/Failure'
import type { Order } from './Simulator'

interface Props {
  tenant: string
  flow: string
  script: string
  /** Plays it in the simulator. */
  play: (order: Order) => void
}

/** Customers by whom the script is tried; it is not published while one does not go as expected. */
export function Scenarios({ tenant, flow, script, play }: Props) {
  const { t } = useTranslation()
  const queries = useQueryClient()
  const path = { tenant, flow }
  const key = ['scenarios', tenant, flow]
  const all = useQuery({
    queryKey: key,
    queryFn: () => data(api.GET('/api/v1/tenants/{tenant}/flows/{flow}/scenarios', { params: { path } })),
  })
  const tried = useMutation({
    mutationFn: () =>
      data(
        api.POST('/api/v1/tenants/{tenant}/flows/{flow}/scenarios/try', { params: { path }, body: { script } }),
      ),
  })
  const forgotten = useMutation({
    mutationFn: async (scenario: string) => {
      await api.DELETE('/api/v1/tenants/{tenant}/flows/{flow}/scenarios/{scenario}', {
        params: { path: { ...path, scenario } },
      })
    },
    onSuccess: () => queries.invalidateQueries({ queryKey: key }),
  })
  if (all.error !== null) return <Failure error={all.error} again={() => void all.refetch()} />
  const results = new Map(tried.data?.items.map((one) => [one.name, one]))
  return (
    <Stack gap="sm">
      <Text size="sm" c="dimmed">
        {t('studio.scenarios_about')}
      </Text>
      {tried.error !== null && <Alert color="red">{tried.error.message}</Alert>}
      {all.data?.items.map((one) => {
        const result = results.get(one.name)
        return (
          <Stack key={one.name} gap={2}>
            <Group gap="xs">
              <Text fw={600}>{one.name}</Text>
              {result && (
                <Badge variant="light" color={result.passed ? 'teal' : 'red'}>
                  {t(result.passed ? 'studio.passed' : 'studio.not_passed')}
                </Badge>
              )}
              <Button size="compact-xs" variant="default" onClick={() => play(one.order)}>
                {t('studio.play')}
                <span className="flow-hidden">{` ${one.name}`}</span>
              </Button>
              <Button size="compact-xs" variant="default" onClick={() => forgotten.mutate(one.name)}>
                {t('studio.forget')}
                <span className="flow-hidden">{` ${one.name}`}</span>
              </Button>
            </Group>
            <Text size="sm" c="dimmed">
              {one.expect.map((wanted) => `${t(`studio.expect.${wanted.kind}`)} ${wanted.value ?? ''}`).join('; ')}
            </Text>
            {result?.failures.map((why) => (
              <Text key={why} size="sm">
                {why}
              </Text>
            ))}
          </Stack>
        )
      })}
      {all.data?.items.length === 0 ? (
        <Text>{t('studio.no_scenarios')}</Text>
      ) : (
        <Group>
          <Button loading={tried.isPending} onClick={() => tried.mutate()}>
            {t('studio.try_all')}
          </Button>
        </Group>
      )}
    </Stack>
  )
}
