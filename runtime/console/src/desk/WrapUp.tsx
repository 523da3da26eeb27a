import { Alert, Button, Group, Select, Stack, Textarea, TextInput } from '@mantine/core'
import { useMutation } from '@tanstack/react-query'
import { useState, type FormEvent } from 'react'
import { useTranslation } from 'react-i18next'
import { useDesk } from './context'
import type { Task } from './socket'

/** What is written down after a conversation: what the queue asks for, and a note for the customer's card. */
export function WrapUp({ task }: { task: Task }) {
  const { t } = useTranslation()
  const desk = useDesk()
  const [code, choose] = useState<string | null>(null)
  const [fields, write] = useState<Record<string, string>>({})
  const [note, remark] = useState('')
  const { codes, required, fields: further } = task.wrap_up
  const finish = useMutation({
    mutationFn: () => {
      const said = { code: code ?? undefined, fields, note: note.trim() === '' ? undefined : note }
      return desk?.socket.ask('finish', { interaction: task.interaction, ...said }) ?? Promise.reject()
    },
  })
  const submit = (event: FormEvent) => {
    event.preventDefault()
    finish.mutate()
  }
  return (
    <Stack gap="sm" component="form" onSubmit={submit}>
      {codes.length > 0 && (
        <Select label={t('desk.code')} data={codes} value={code} onChange={choose} required searchable />
      )}
      {[...required, ...further].map((name) => (
        <TextInput
          key={name}
          label={name}
          required={required.includes(name)}
          value={fields[name] ?? ''}
          onChange={({ currentTarget: { value } }) => write({ ...fields, [name]: value })}
        />
      ))}
      <Textarea
        label={t('desk.note')}
        description={t('desk.note_about')}
        value={note}
        onChange={(event) => remark(event.currentTarget.value)}
        autosize
        minRows={2}
      />
      {finish.error !== null && (
        <Alert color="red" role="alert">
          {finish.error.message}
        </Alert>
      )}
      <Group justify="flex-end">
        <Button type="submit" loading={finish.isPending}>
          {t('desk.finish')}
        </Button>
      </Group>
    </Stack>
  )
}
