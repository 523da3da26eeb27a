import { Alert, Badge, Button, Code, Group, Modal, Paper, PasswordInput, Stack, Text, TextInput, Title } from '@mantine/core'
import { IconCheck } from '@tabler/icons-react'
import { useMutation, useQueryClient } from '@tanstack/react-query'
import { useState, type FormEvent } from 'react'
import { useTranslation } from 'react-i18next'
import { renderSVG } from 'uqr'
import { api, data, Refusal, type Schema } from '../api/client'
import { useSession, type Session } from '../api/session'

/** What somebody may change of themselves. */
export function Account() {
  const { t } = useTranslation()
  const { session } = useSession()
  if (session === undefined) return null
  return (
    <Stack maw={560}>
      <Group>
        <Title order={1} size="h3">
          {session.full_name || session.name}
        </Title>
        {session.roles.map((role) => (
          <Badge key={role} variant="light">
            {t(`users.roles.${role}`)}
          </Badge>
        ))}
      </Group>
      {session.kind === 'token' ? (
        <Text c="dimmed">{t('account.token')}</Text>
      ) : (
        <>
          <Password />
          <Codes of={session} />
        </>
      )}
    </Stack>
  )
}

const why = (error: Error | null, field: string) => (error instanceof Refusal ? error.fields[field] : undefined)

function Password() {
  const { t } = useTranslation()
  const queries = useQueryClient()
  const [old, writeOld] = useState('')
  const [fresh, write] = useState('')
  const change = useMutation({
    mutationFn: () => data(api.PUT('/api/v1/session/password', { body: { old, new: fresh } })),
    onSuccess: (session) => {
      queries.setQueryData(['session'], session)
      writeOld('')
      write('')
    },
  })
  const submit = (event: FormEvent) => {
    event.preventDefault()
    change.mutate()
  }
  return (
    <Paper withBorder p="md" component="form" onSubmit={submit}>
      <Stack>
        <Title order={2} size="h5">
          {t('account.password')}
        </Title>
        <PasswordInput
          label={t('account.old')}
          autoComplete="current-password"
          value={old}
          onChange={(event) => writeOld(event.currentTarget.value)}
          error={why(change.error, 'old')}
          required
        />
        <PasswordInput
          label={t('signin.fresh')}
          description={t('signin.fresh_about')}
          autoComplete="new-password"
          value={fresh}
          onChange={(event) => write(event.currentTarget.value)}
          error={why(change.error, 'new')}
          minLength={10}
          required
        />
        {change.isSuccess && (
          <Alert color="teal" icon={<IconCheck />} role="status">
            {t('account.changed')}
          </Alert>
        )}
        <Group justify="flex-end">
          <Button type="submit" loading={change.isPending}>
            {t('signin.change')}
          </Button>
        </Group>
      </Stack>
    </Paper>
  )
}

/** One-time codes: switched on with a picture for the telephone, off with the password. */
function Codes({ of }: { of: Session }) {
  const { t } = useTranslation()
  const queries = useQueryClient()
  const [secret, show] = useState<Schema<'TotpSecret'>>()
  const [recovery, keep] = useState<string[]>()
  const [off, ask] = useState(false)
  const propose = useMutation({
    mutationFn: () => data(api.POST('/api/v1/session/totp')),
    onSuccess: show,
  })
  const look = () => queries.invalidateQueries({ queryKey: ['session'] })
  return (
    <Paper withBorder p="md">
      <Stack>
        <Group justify="space-between">
          <Title order={2} size="h5">
            {t('account.codes')}
          </Title>
          <Badge color={of.totp ? 'teal' : 'gray'} variant="light">
            {t(of.totp ? 'account.on' : 'account.off')}
          </Badge>
        </Group>
        <Text size="sm" c="dimmed">
          {of.totp ? t('account.left', { count: of.recovery_codes }) : t('account.codes_about')}
        </Text>
        {recovery !== undefined && <Recovery codes={recovery} />}
        <Group justify="flex-end">
          {of.totp ? (
            <Button variant="default" onClick={() => ask(true)}>
              {t('account.switch_off')}
            </Button>
          ) : (
            <Button onClick={() => propose.mutate()} loading={propose.isPending}>
              {t('account.switch_on')}
            </Button>
          )}
        </Group>
      </Stack>
      {secret !== undefined && (
        <SwitchOn
          secret={secret}
          close={() => show(undefined)}
          done={(codes) => {
            keep(codes)
            show(undefined)
            void look()
          }}
        />
      )}
      {off && (
        <SwitchOff
          close={() => ask(false)}
          done={() => {
            keep(undefined)
            ask(false)
            void look()
          }}
        />
      )}
    </Paper>
  )
}

function Recovery({ codes }: { codes: string[] }) {
  const { t } = useTranslation()
  return (
    <Alert title={t('account.recovery')} role="status">
      <Text size="sm" mb="xs">
        {t('account.recovery_about')}
      </Text>
      <Code block>{codes.join('\n')}</Code>
    </Alert>
  )
}

interface SwitchOnProps {
  secret: Schema<'TotpSecret'>
  close: () => void
  done: (codes: string[]) => void
}

function SwitchOn({ secret, close, done }: SwitchOnProps) {
  const { t } = useTranslation()
  const [code, write] = useState('')
  const prove = useMutation({
    mutationFn: () => data(api.PUT('/api/v1/session/totp', { body: { secret: secret.secret, code } })),
    onSuccess: ({ codes }) => done(codes),
  })
  const picture = `data:image/svg+xml;utf8,${encodeURIComponent(renderSVG(secret.address))}`
  const submit = (event: FormEvent) => {
    event.preventDefault()
    prove.mutate()
  }
  return (
    <Modal opened onClose={close} title={t('account.switch_on')} closeButtonProps={{ 'aria-label': t('close') }}>
      <Stack component="form" onSubmit={submit}>
        <Text size="sm">{t('account.scan')}</Text>
        <img src={picture} width={200} height={200} alt={t('account.picture')} style={{ alignSelf: 'center' }} />
        <Code block>{secret.secret}</Code>
        <TextInput
          label={t('signin.code')}
          autoComplete="one-time-code"
          inputMode="numeric"
          value={code}
          onChange={(event) => write(event.currentTarget.value)}
          error={why(prove.error, 'code')}
          data-autofocus
          required
        />
        <Button type="submit" loading={prove.isPending}>
          {t('account.switch_on')}
        </Button>
      </Stack>
    </Modal>
  )
}

function SwitchOff({ close, done }: { close: () => void; done: () => void }) {
  const { t } = useTranslation()
  const [password, write] = useState('')
  const off = useMutation({
    mutationFn: () => data(api.POST('/api/v1/session/totp/off', { body: { password } })),
    onSuccess: done,
  })
  const submit = (event: FormEvent) => {
    event.preventDefault()
    off.mutate()
  }
  return (
    <Modal opened onClose={close} title={t('account.switch_off')} closeButtonProps={{ 'aria-label': t('close') }}>
      <Stack component="form" onSubmit={submit}>
        <PasswordInput
          label={t('signin.password')}
          autoComplete="current-password"
          value={password}
          onChange={(event) => write(event.currentTarget.value)}
          error={why(off.error, 'password')}
          data-autofocus
          required
        />
        <Button type="submit" color="red" loading={off.isPending}>
          {t('account.switch_off')}
        </Button>
      </Stack>
    </Modal>
  )
}
