import { Alert, Button, Group, SegmentedControl, Select, Stack, Text, TextInput } from '@mantine/core'
import { useQuery } from '@tanstack/react-query'
import { useState } from 'react'
import { useTranslation } from 'react-i18next'
import { api, data } from '../api/client'
import type { View } from './socket'

interface Props {
  tenant: string
  consult: View['consult']
  act: (type: string, fields?: Record<string, unknown>) => void
}

/** Sends a customer on at once, or asks somebody first. */
export function Transfer({ tenant, consult, act }: Props) {
  const { t } = useTranslation()
  const [kind, choose] = useState<'queue' | 'address'>('queue')
  const [queue, pick] = useState<string | null>(null)
  const [address, write] = useState('')
  const queues = useQuery({
    queryKey: ['live', tenant, 'queues'],
    queryFn: () => data(api.GET('/api/v1/tenants/{tenant}/queues', { params: { path: { tenant } } })),
  })
  if (consult !== null) return <Third of={consult} act={act} />
  const to = kind === 'queue' ? { queue } : { address: address.trim() }
  const ready = kind === 'queue' ? queue !== null : address.trim() !== ''
  return (
    <Stack gap="xs">
      <SegmentedControl
        aria-label={t('desk.to')}
        value={kind}
        onChange={(chosen) => choose(chosen as 'queue' | 'address')}
        data={[
          { value: 'queue', label: t('desk.to_queue') },
          { value: 'address', label: t('desk.to_number') },
        ]}
      />
      {kind === 'queue' ? (
        <Select
          label={t('desk.queue')}
          data={queues.data?.items.map((one) => one.queue) ?? []}
          value={queue}
          onChange={pick}
          searchable
        />
      ) : (
        <TextInput
          label={t('desk.number')}
          description={t('desk.number_about')}
          value={address}
          onChange={(event) => write(event.currentTarget.value)}
        />
      )}
      <Group gap="sm">
        <Button disabled={!ready} onClick={() => act('transfer', { to })}>
          {t('desk.send_on')}
        </Button>
        {kind === 'address' && (
          <Button variant="default" disabled={!ready} onClick={() => act('consult', { to: address.trim() })}>
            {t('desk.ask_first')}
          </Button>
        )}
      </Group>
    </Stack>
  )
}

/** Somebody third is called while the customer waits. */
function Third({ of, act }: { of: NonNullable<View['consult']>; act: Props['act'] }) {
  const { t } = useTranslation()
  const answered = of.state !== 'ringing'
  return (
    <Alert title={t(`desk.third.${of.state}`, { to: of.to })} role="status">
      <Stack gap="xs">
        <Text size="sm">{t('desk.third_about')}</Text>
        <Group gap="sm">
          <Button disabled={!answered} onClick={() => act('complete')}>
            {t('desk.complete')}
          </Button>
          {of.state === 'talking' && (
            <Button variant="default" onClick={() => act('join')}>
              {t('desk.join')}
            </Button>
          )}
          <Button variant="default" onClick={() => act('drop')}>
            {t('desk.drop')}
          </Button>
        </Group>
      </Stack>
    </Alert>
  )
}
