import { Alert, Button, Group, Select, Stack, Switch, TextInput } from '@mantine/core'
import { useMutation, useQuery } from '@tanstack/react-query'
import { useState, type FormEvent } from 'react'
import { useTranslation } from 'react-i18next'
import { api, data } from '../api/client'
import { useDeskState } from './context'

/** Has the customer called back: from a queue, at a number, by anybody or by this agent, no later than a moment. */
export function CallBack({ tenant, queue, number, done }: { tenant: string; queue: string; number: string; done: () => void }) {
  const { t } = useTranslation()
  const { view } = useDeskState()
  const [from, choose] = useState<string | null>(queue)
  const [address, write] = useState(number)
  const [deadline, until] = useState('')
  const [mine, own] = useState(false)
  const queues = useQuery({
    queryKey: ['live', tenant, 'queues'],
    queryFn: () => data(api.GET('/api/v1/tenants/{tenant}/queues', { params: { path: { tenant } } })),
  })
  const add = useMutation({
    mutationFn: () => {
      const by = mine ? view?.agent.id : undefined
      const left = deadline === '' ? undefined : Math.max(1, Math.round((Date.parse(deadline) - Date.now()) / 1_000))
      const body = { queue: from ?? queue, address: address.trim(), owner: by, deadline_seconds: left }
      return data(api.POST('/api/v1/tenants/{tenant}/callbacks', { params: { path: { tenant } }, body }))
    },
    onSuccess: done,
  })
  const submit = (event: FormEvent) => {
    event.preventDefault()
    add.mutate()
  }
  return (
    <Stack gap="xs" component="form" onSubmit={submit}>
      <Select
        label={t('desk.queue')}
        data={queues.data?.items.map((one) => one.queue) ?? [queue]}
        value={from}
        onChange={choose}
        allowDeselect={false}
      />
      <TextInput label={t('desk.number')} value={address} onChange={(event) => write(event.currentTarget.value)} required />
      <TextInput
        type="datetime-local"
        label={t('desk.latest')}
        value={deadline}
        onChange={(event) => until(event.currentTarget.value)}
      />
      <Switch label={t('desk.by_me')} checked={mine} onChange={(event) => own(event.currentTarget.checked)} />
      {add.error !== null && (
        <Alert color="red" role="alert">
          {add.error.message}
        </Alert>
      )}
      <Group justify="flex-end">
        <Button type="submit" size="xs" loading={add.isPending}>
          {t('desk.call_back')}
        </Button>
      </Group>
    </Stack>
  )
}
