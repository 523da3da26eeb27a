import { Alert, Button, Group, Paper, ScrollArea, Stack, Text, Textarea } from '@mantine/core'
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query'
import { useEffect, useRef, useState, type KeyboardEvent } from 'react'
import { useTranslation } from 'react-i18next'
import { api, data, Refusal, type Schema } from '../api/client'
import { canned, fits } from './canned'
import { useDeskState } from './context'
import type { Task } from './socket'

interface Props {
  tenant: string
  task: Task
  /** For placeholders of canned replies. */
  customer: string | undefined
}

/** What was written so far with a customer, and a place to write: Enter sends, `/` offers canned replies. */
export function Conversation({ tenant, task, customer }: Props) {
  const { t } = useTranslation()
  const path = { tenant, interaction: task.interaction }
  const messages = useQuery({
    queryKey: ['live', tenant, 'messages', task.interaction],
    queryFn: () => data(api.GET('/api/v1/tenants/{tenant}/interactions/{interaction}/messages', { params: { path } })),
  })
  const end = useRef<HTMLDivElement>(null)
  const count = messages.data?.items.length ?? 0
  useEffect(() => {
    // A browser may answer with a promise, which is no clean-up.
    void end.current?.scrollIntoView({ block: 'nearest' })
  }, [count])
  return (
    <Stack gap="sm">
      <ScrollArea.Autosize
        mah={360}
        type="auto"
        viewportProps={{ tabIndex: 0, role: 'log', 'aria-label': t('desk.conversation') }}
      >
        <Stack gap="xs" pr="sm">
          {messages.data?.items.map((one) => (
            <Said key={one.seq} one={one} />
          ))}
          <div ref={end} />
        </Stack>
      </ScrollArea.Autosize>
      {task.state === 'talking' && <Writer tenant={tenant} interaction={task.interaction} customer={customer} />}
    </Stack>
  )
}

function Said({ one }: { one: Schema<'Message'> }) {
  const { t, i18n } = useTranslation()
  const time = new Intl.DateTimeFormat(i18n.language, { timeStyle: 'short' })
  const ours = one.from !== 'customer'
  return (
    <Paper
      withBorder
      px="sm"
      py={6}
      maw="85%"
      style={{ alignSelf: ours ? 'flex-end' : 'flex-start', whiteSpace: 'pre-wrap', overflowWrap: 'anywhere' }}
    >
      <Text size="xs" c="dimmed">
        {one.agent ?? t(`desk.from.${one.from}`)} · {time.format(Date.parse(one.at))}
      </Text>
      <Text size="sm">{one.text}</Text>
    </Paper>
  )
}

function Writer({ tenant, interaction, customer }: { tenant: string; interaction: string; customer: string | undefined }) {
  const { t, i18n } = useTranslation()
  const queries = useQueryClient()
  const { view } = useDeskState()
  const [text, write] = useState('')
  const path = { tenant, interaction }
  const send = useMutation({
    mutationFn: async (said: string) => {
      const { error, response } = await api.POST('/api/v1/tenants/{tenant}/interactions/{interaction}/messages', {
        params: { path },
        body: { text: said, agent: view?.agent.id },
      })
      if (error !== undefined) throw new Refusal(response.status, error as never)
    },
    onSuccess: async () => {
      write('')
      await queries.invalidateQueries({ queryKey: ['live', tenant, 'messages', interaction] })
    },
  })
  const offered = text.startsWith('/') ? canned(i18n.language).filter((one) => fits(one, text)) : []
  const use = (reply: string) => write(reply.replaceAll('{name}', customer ?? '').replace(/ ,/g, ','))
  const press = (event: KeyboardEvent) => {
    if (event.key !== 'Enter' || event.shiftKey) return
    event.preventDefault()
    const [first] = offered
    if (first !== undefined) use(first.text)
    else if (text.trim() !== '') send.mutate(text.trim())
  }
  const typing = () => void api.POST('/api/v1/tenants/{tenant}/interactions/{interaction}/typing', { params: { path } })
  return (
    <>
      {offered.length > 0 && (
        <Stack gap={2} role="group" aria-label={t('desk.canned')}>
          {offered.map((one) => (
            <Button key={one.name} variant="subtle" size="compact-sm" justify="flex-start" onClick={() => use(one.text)}>
              /{one.name} – {one.text}
            </Button>
          ))}
        </Stack>
      )}
      <Textarea
        label={t('desk.write')}
        description={t('desk.write_about')}
        value={text}
        onChange={({ currentTarget: { value } }) => {
          // Once for each message that is begun.
          if (text === '' && value !== '' && !value.startsWith('/')) typing()
          write(value)
        }}
        onKeyDown={press}
        autosize
        minRows={2}
        maxRows={8}
      />
      {send.error !== null && (
        <Alert color="red" role="alert">
          {send.error.message}
        </Alert>
      )}
      <Group justify="flex-end">
        <Button size="xs" loading={send.isPending} disabled={text.trim() === ''} onClick={() => send.mutate(text.trim())}>
          {t('desk.send')}
        </Button>
      </Group>
    </>
  )
}
