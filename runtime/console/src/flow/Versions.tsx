import { Alert, Badge, Button, Group, Modal, Stack, Text } from '@mantine/core'
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query'
import { useState } from 'react'
import { useTranslation } from 'react-i18next'
import { api, data, type Schema } from '../api/client'
import { Rollout, Steps } from '../ui/Rollout'

interface Listed {
  tenant: string
  flow: string
  all: Schema<'FlowVersion'>[]
  shown: number | undefined
  choose: (version: number) => void
}

/** What somebody is about to do. */
type Act = { what: 'serve'; version: number } | { what: 'promote' | 'rollback' }

/** The versions; any may serve again, and one may be tried on a part of the callers. */
export function Versions({ tenant, flow, all, shown, choose }: Listed) {
  const { t, i18n } = useTranslation()
  const moment = new Intl.DateTimeFormat(i18n.language, { dateStyle: 'medium', timeStyle: 'short' })
  const [asked, ask] = useState<Act>()
  const state = useQuery({
    queryKey: ['live', tenant, 'plugin', flow],
    queryFn: () =>
      data(api.GET('/api/v1/tenants/{tenant}/plugins/{plugin}', { params: { path: { tenant, plugin: flow } } })),
    // A canary's figures move without an event.
    refetchInterval: 5_000,
    enabled: all.length > 0,
  })
  return (
    <Stack gap="sm">
      {state.data?.rollout && (
        <>
          <Rollout of={state.data.rollout} />
          <Group gap="xs">
            <Button size="xs" onClick={() => ask({ what: 'promote' })}>
              {t('plugins.do.promote')}
            </Button>
            <Button size="xs" variant="default" onClick={() => ask({ what: 'rollback' })}>
              {t('studio.take_back')}
            </Button>
          </Group>
        </>
      )}
      {all.map((one) => (
        <div key={one.version}>
          <Group gap="xs">
            <Button
              size="compact-sm"
              variant={one.version === shown ? 'light' : 'subtle'}
              aria-pressed={one.version === shown}
              onClick={() => choose(one.version)}
            >
              {t('flows.number', { version: one.version })}
            </Button>
            {one.active ? (
              <Badge color="teal" variant="light">
                {t('plugins.active')}
              </Badge>
            ) : (
              <Button
                size="compact-xs"
                variant="default"
                onClick={() => ask({ what: 'serve', version: one.version })}
                aria-label={`${t('flows.serve')} ${one.version}`}
              >
                {t('flows.serve')}
              </Button>
            )}
          </Group>
          <Text size="sm" c="dimmed">
            {moment.format(Date.parse(one.published_at))}, {one.author}
          </Text>
          {one.comment !== '' && <Text size="sm">{one.comment}</Text>}
        </div>
      ))}
      {state.data && state.data.steps.length > 0 && <Steps all={state.data.steps} />}
      {asked && <Confirm tenant={tenant} flow={flow} act={asked} close={() => ask(undefined)} />}
    </Stack>
  )
}

function Confirm({ tenant, flow, act, close }: { tenant: string; flow: string; act: Act; close: () => void }) {
  const { t } = useTranslation()
  const queries = useQueryClient()
  const done = useMutation<unknown>({
    mutationFn: () => {
      const params = { path: { tenant, plugin: flow } }
      switch (act.what) {
        case 'serve': {
          const of = { params: { path: { tenant, flow } }, body: { version: act.version } }
          return data(api.POST('/api/v1/tenants/{tenant}/flows/{flow}/rollback', of))
        }
        case 'promote':
          return data(api.POST('/api/v1/tenants/{tenant}/plugins/{plugin}/promote', { params }))
        case 'rollback':
          return data(api.POST('/api/v1/tenants/{tenant}/plugins/{plugin}/rollback', { params }))
      }
    },
    onSuccess: () => {
      void queries.invalidateQueries({ queryKey: ['live', tenant] })
      close()
    },
  })
  const version = act.what === 'serve' ? act.version : undefined
  const title = { serve: t('flows.serve'), promote: t('plugins.do.promote'), rollback: t('studio.take_back') }[act.what]
  return (
    <Modal opened onClose={close} title={title} closeButtonProps={{ 'aria-label': t('cancel') }} centered>
      <Stack>
        <Text>{t(`studio.sure.${act.what}`, { version })}</Text>
        {done.error !== null && <Alert color="red">{done.error.message}</Alert>}
        <Group justify="flex-end">
          <Button variant="default" onClick={close} data-autofocus>
            {t('cancel')}
          </Button>
          <Button loading={done.isPending} onClick={() => done.mutate()}>
            {title}
          </Button>
        </Group>
      </Stack>
    </Modal>
  )
}
