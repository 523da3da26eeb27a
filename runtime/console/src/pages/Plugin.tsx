import { Alert, Badge, Button, Code, Group, Modal, Paper, Skeleton, Stack, Table, Text, Title } from '@mantine/core'
import { IconArrowBackUp } from '@tabler/icons-react'
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query'
import { useParams } from '@tanstack/react-router'
import { useState } from 'react'
import { useTranslation } from 'react-i18next'
import { api, data, type Schema } from '../api/client'
import { Back } from '../ui/Back'
import { Failure } from '../ui/Failure'
import { Rollout, Steps } from '../ui/Rollout'
import { STANDINGS } from './Plugins'

/** What somebody is about to do. */
type Act = { what: 'activate'; digest: string } | { what: 'rollback' | 'promote' | 'enable' | 'disable' }

export function Plugin() {
  const { t } = useTranslation()
  const { tenant, plugin } = useParams({ from: '/t/$tenant/plugins/$plugin' })
  const path = { params: { path: { tenant, plugin } } }
  const state = useQuery({
    queryKey: ['live', tenant, 'plugin', plugin],
    queryFn: () => data(api.GET('/api/v1/tenants/{tenant}/plugins/{plugin}', path)),
    // A canary's figures move without an event.
    refetchInterval: 5_000,
  })
  const versions = useQuery({
    queryKey: ['live', tenant, 'plugin', plugin, 'versions'],
    queryFn: () => data(api.GET('/api/v1/tenants/{tenant}/plugins/{plugin}/versions', path)),
  })
  const [asked, ask] = useState<Act>()
  const error = state.error ?? versions.error
  const again = () => void Promise.all([state.refetch(), versions.refetch()])
  return (
    <Stack>
      <Back tenant={tenant} to="plugins" label={t('plugins.back')} />
      <Group justify="space-between">
        <Group>
          <Title order={1} size="h3">
            {plugin}
          </Title>
          {state.data && (
            <Badge color={STANDINGS[state.data.standing]} variant="light" size="lg">
              {t(`standing.${state.data.standing}`)}
            </Badge>
          )}
        </Group>
        {state.data && <Actions of={state.data} ask={ask} />}
      </Group>
      {error !== null && <Failure error={error} again={again} />}
      {error === null && (!state.data || !versions.data) && <Skeleton h={240} />}
      {state.data?.rollout && <Rollout of={state.data.rollout} />}
      {versions.data && <Versions all={versions.data.items} ask={ask} />}
      {state.data && state.data.steps.length > 0 && <Steps all={state.data.steps} />}
      {asked && <Confirm tenant={tenant} plugin={plugin} act={asked} close={() => ask(undefined)} />}
    </Stack>
  )
}

function Actions({ of, ask }: { of: Schema<'PluginState'>; ask: (act: Act) => void }) {
  const { t } = useTranslation()
  const off = of.disabled !== null
  return (
    <Group gap="xs">
      {of.rollout && (
        <Button size="xs" onClick={() => ask({ what: 'promote' })}>
          {t('plugins.do.promote')}
        </Button>
      )}
      <Button
        size="xs"
        variant="default"
        leftSection={<IconArrowBackUp size={16} />}
        onClick={() => ask({ what: 'rollback' })}
      >
        {t('plugins.do.rollback')}
      </Button>
      <Button size="xs" variant="default" onClick={() => ask({ what: off ? 'enable' : 'disable' })}>
        {t(off ? 'plugins.do.enable' : 'plugins.do.disable')}
      </Button>
    </Group>
  )
}

function Versions({ all, ask }: { all: Schema<'PluginVersion'>[]; ask: (act: Act) => void }) {
  const { t, i18n } = useTranslation()
  const moment = new Intl.DateTimeFormat(i18n.language, { dateStyle: 'medium', timeStyle: 'short' })
  const kib = new Intl.NumberFormat(i18n.language, { maximumFractionDigits: 0 })
  const columns = ['digest', 'installed', 'size', 'grants'] as const
  return (
    <Paper withBorder p="md">
      <Title order={2} size="h5" mb="sm">
        {t('plugins.all_versions')}
      </Title>
      <Table.ScrollContainer minWidth={720}>
        <Table verticalSpacing="xs">
          <Table.Thead>
            <Table.Tr>
              {columns.map((column) => (
                <Table.Th key={column}>{t(`plugins.of_version.${column}`)}</Table.Th>
              ))}
              <Table.Td />
            </Table.Tr>
          </Table.Thead>
          <Table.Tbody>
            {all.map((version) => (
              <Table.Tr key={version.digest}>
                <Table.Th scope="row">
                  <Code>{version.digest.slice(0, 12)}</Code>
                </Table.Th>
                <Table.Td>{moment.format(Date.parse(version.installed_at))}</Table.Td>
                <Table.Td>{kib.format(version.size_bytes / 1_024)} KiB</Table.Td>
                <Table.Td>
                  {version.grants.length === 0 ? (
                    <Text size="sm" c="dimmed">
                      {t('plugins.no_grants')}
                    </Text>
                  ) : (
                    version.grants.join(', ')
                  )}
                </Table.Td>
                <Table.Td ta="right">
                  {version.active ? (
                    <Badge color="teal" variant="light">
                      {t('plugins.active')}
                    </Badge>
                  ) : (
                    <Button
                      size="compact-sm"
                      variant="default"
                      onClick={() => ask({ what: 'activate', digest: version.digest })}
                    >
                      {t('plugins.do.activate')}
                    </Button>
                  )}
                </Table.Td>
              </Table.Tr>
            ))}
          </Table.Tbody>
        </Table>
      </Table.ScrollContainer>
    </Paper>
  )
}

/** Says what will happen, does it, and says why if it did not. */
function Confirm({ tenant, plugin, act, close }: { tenant: string; plugin: string; act: Act; close: () => void }) {
  const { t } = useTranslation()
  const queries = useQueryClient()
  const params = { path: { tenant, plugin } }
  const done = useMutation<unknown>({
    mutationFn: () => {
      switch (act.what) {
        case 'activate': {
          const body = { digest: act.digest }
          return data(api.POST('/api/v1/tenants/{tenant}/plugins/{plugin}/activate', { params, body }))
        }
        case 'rollback':
          return data(api.POST('/api/v1/tenants/{tenant}/plugins/{plugin}/rollback', { params }))
        case 'promote':
          return data(api.POST('/api/v1/tenants/{tenant}/plugins/{plugin}/promote', { params }))
        case 'enable':
          return data(api.POST('/api/v1/tenants/{tenant}/plugins/{plugin}/enable', { params, body: {} }))
        case 'disable':
          return data(api.POST('/api/v1/tenants/{tenant}/plugins/{plugin}/disable', { params, body: {} }))
      }
    },
    onSuccess: () => {
      void queries.invalidateQueries({ queryKey: ['live', tenant] })
      close()
    },
  })
  const version = act.what === 'activate' ? act.digest.slice(0, 12) : ''
  return (
    <Modal
      opened
      onClose={close}
      title={t(`plugins.do.${act.what}`)}
      closeButtonProps={{ 'aria-label': t('cancel') }}
      centered
    >
      <Stack>
        <Text>{t(`plugins.about.${act.what}`, { plugin, version })}</Text>
        {done.error !== null && <Alert color="red">{done.error.message}</Alert>}
        <Group justify="flex-end">
          <Button variant="default" onClick={close} data-autofocus>
            {t('cancel')}
          </Button>
          <Button
            color={act.what === 'disable' ? 'red' : undefined}
            loading={done.isPending}
            onClick={() => done.mutate()}
          >
            {t(`plugins.do.${act.what}`)}
          </Button>
        </Group>
      </Stack>
    </Modal>
  )
}
