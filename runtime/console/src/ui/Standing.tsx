import { ActionIcon, Badge, Button, Group, Menu, Modal, Stack, Text, Textarea, Tooltip } from '@mantine/core'
import { useDisclosure } from '@mantine/hooks'
import { IconChevronDown, IconLock, IconLockOpen } from '@tabler/icons-react'
import { useMutation, useQueryClient } from '@tanstack/react-query'
import { useState, type FormEvent } from 'react'
import { useTranslation } from 'react-i18next'
import { api, data, type Schema } from '../api/client'
import { useSession } from '../api/session'

export const AGENT_COLOURS: Record<Schema<'Agent'>['state'], string> = {
  logged_out: 'gray',
  not_ready: 'orange',
  ready: 'teal',
  reserved: 'yellow',
  busy: 'blue',
  after_call_work: 'grape',
}

const CHOICES = ['ready', 'not_ready', 'logged_out'] as const

/** An agent's state, and what a supervisor may change it to. */
export function AgentState({ tenant, of }: { tenant: string; of: Schema<'Agent'> }) {
  const { t } = useTranslation()
  const queries = useQueryClient()
  const params = { path: { tenant, agent: of.agent } }
  const change = useMutation({
    mutationFn: (state: (typeof CHOICES)[number]) =>
      data(api.PUT('/api/v1/tenants/{tenant}/agents/{agent}/state', { params, body: { state } })),
    onSettled: () => queries.invalidateQueries({ queryKey: ['live', tenant, 'agents'] }),
  })
  const { may } = useSession()
  if (!may('supervise')) {
    return (
      <Badge variant="light" color={AGENT_COLOURS[of.state]}>
        {t(`state.${of.state}`)}
      </Badge>
    )
  }
  return (
    <Menu position="bottom-start" withinPortal>
      <Menu.Target>
        <Button
          size="compact-sm"
          variant="light"
          color={AGENT_COLOURS[of.state]}
          loading={change.isPending}
          rightSection={<IconChevronDown size={14} aria-hidden />}
          aria-label={`${of.agent}: ${t(`state.${of.state}`)}`}
          title={change.error?.message ?? of.reason ?? undefined}
        >
          {t(`state.${of.state}`)}
        </Button>
      </Menu.Target>
      <Menu.Dropdown>
        {CHOICES.map((state) => (
          <Menu.Item key={state} disabled={state === of.state} onClick={() => change.mutate(state)}>
            {t(`state.${state}`)}
          </Menu.Item>
        ))}
      </Menu.Dropdown>
    </Menu>
  )
}

/** Closes a queue at once, after a question, or lets its hours count again. */
export function QueueDoor({ tenant, of }: { tenant: string; of: Schema<'Queue'> }) {
  const { t } = useTranslation()
  const queries = useQueryClient()
  const [asked, { open: ask, close: leave }] = useDisclosure()
  const params = { path: { tenant, queue: of.queue } }
  const change = useMutation({
    mutationFn: (message: string) => {
      if (!of.live.open) return data(api.POST('/api/v1/tenants/{tenant}/queues/{queue}/open', { params }))
      const body = message === '' ? {} : { message }
      return data(api.POST('/api/v1/tenants/{tenant}/queues/{queue}/close', { params, body }))
    },
    onSettled: () => queries.invalidateQueries({ queryKey: ['live', tenant, 'queues'] }),
  })
  const { may } = useSession()
  if (!may('supervise')) return null
  const says = `${of.queue}: ${t(of.live.open ? 'wallboard.close' : 'wallboard.open')}`
  return (
    <>
      <Tooltip label={change.error?.message ?? says}>
        <ActionIcon
          variant="default"
          loading={change.isPending}
          onClick={of.live.open ? ask : () => change.mutate('')}
          aria-label={says}
        >
          {of.live.open ? <IconLock size={16} /> : <IconLockOpen size={16} />}
        </ActionIcon>
      </Tooltip>
      {asked && <Closing of={of} close={change.mutate} leave={leave} />}
    </>
  )
}

/** Asks before a queue is closed: those who wait lose their places. */
function Closing({ of, close, leave }: { of: Schema<'Queue'>; close: (message: string) => void; leave: () => void }) {
  const { t } = useTranslation()
  const [message, write] = useState('')
  const submit = (event: FormEvent) => {
    event.preventDefault()
    close(message.trim())
    leave()
  }
  return (
    <Modal opened onClose={leave} title={t('closing.title', { queue: of.queue })} closeButtonProps={{ 'aria-label': t('cancel') }}>
      <form onSubmit={submit}>
        <Stack>
          <Text size="sm">{t('closing.about', { count: of.live.waiting })}</Text>
          <Textarea
            label={t('closing.message')}
            description={t('closing.message_about')}
            value={message}
            onChange={(event) => write(event.currentTarget.value)}
          />
          <Group justify="flex-end">
            <Button variant="default" onClick={leave} data-autofocus>
              {t('cancel')}
            </Button>
            <Button type="submit" color="red.9">
              {t('closing.do')}
            </Button>
          </Group>
        </Stack>
      </form>
    </Modal>
  )
}
