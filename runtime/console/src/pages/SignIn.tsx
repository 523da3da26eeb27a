import { Alert, Anchor, Button, Center, Divider, Group, Paper, PasswordInput, Stack, Text, TextInput, Title } from '@mantine/core'
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query'
import { useNavigate } from '@tanstack/react-router'
import { useState, type FormEvent } from 'react'
import { useTranslation } from 'react-i18next'
import { api, data, Refusal } from '../api/client'
import { firstPage, type Session } from '../api/session'
import { Controls } from '../shell/Controls'

/** What is asked for next. */
type Step = 'password' | 'code' | 'token' | 'change'

export function SignIn() {
  const { t } = useTranslation()
  const navigate = useNavigate()
  const queries = useQueryClient()
  const [step, ask] = useState<Step>('password')
  const [said, say] = useState({ name: '', password: '', code: '', token: '', fresh: '' })
  const enter = useMutation({
    mutationFn: async () => {
      if (step === 'change') {
        return data(api.PUT('/api/v1/session/password', { body: { old: said.password, new: said.fresh } }))
      }
      const { name, password, code, token } = said
      const body = step === 'token' ? { token: token.trim() } : { name: name.trim(), password, code }
      return data(api.POST('/api/v1/session', { body }))
    },
    onError: (error) => {
      if (error instanceof Refusal && error.name === 'code-needed') ask('code')
    },
    onSuccess: async (session) => {
      queries.clear()
      queries.setQueryData(['session'], session)
      if (session.must_change) {
        ask('change')
        return
      }
      await begin(session)
    },
  })
  const begin = async (session: Session) => {
    const wanted = new URLSearchParams(location.search).get('to')
    // Only a place of these pages: nobody is sent elsewhere by a link.
    if (wanted?.startsWith('/t/')) return navigate({ href: wanted })
    const tenants = await data(api.GET('/api/v1/tenants'))
    const tenant = session.tenant ?? tenants.items[0]?.id
    if (tenant === undefined) throw new Refusal(404, { detail: t('signin.no_tenant') })
    return navigate({ to: firstPage(session), params: { tenant } })
  }
  const submit = (event: FormEvent) => {
    event.preventDefault()
    enter.mutate()
  }
  const typed = (key: keyof typeof said) => ({
    value: said[key],
    onChange: ({ currentTarget: { value } }: { currentTarget: { value: string } }) => say({ ...said, [key]: value }),
    required: true,
    withAsterisk: false,
  })
  return (
    <Center mih="100vh" p="md" component="main">
      <Stack w={400}>
        <Group justify="flex-end" gap="sm">
          <Controls />
        </Group>
        <Paper withBorder shadow="sm" p="xl" component="form" onSubmit={submit}>
          <Stack>
            <Group gap="sm" wrap="nowrap">
              <img src="/icon.svg" width={36} height={36} alt="" />
              <Title order={1} size="h3">
                {t('signin.title')}
              </Title>
            </Group>
            {step === 'password' && (
              <>
                <TextInput
                  label={t('signin.name')}
                  description={t('signin.name_about')}
                  autoComplete="username"
                  autoFocus
                  {...typed('name')}
                />
                <PasswordInput label={t('signin.password')} autoComplete="current-password" {...typed('password')} />
              </>
            )}
            {step === 'code' && (
              <TextInput
                label={t('signin.code')}
                description={t('signin.code_about')}
                autoComplete="one-time-code"
                autoFocus
                {...typed('code')}
              />
            )}
            {step === 'token' && (
              <PasswordInput
                label={t('signin.token')}
                description={t('signin.token_about')}
                autoComplete="off"
                autoFocus
                {...typed('token')}
              />
            )}
            {step === 'change' && (
              <PasswordInput
                label={t('signin.fresh')}
                description={t('signin.fresh_about')}
                autoComplete="new-password"
                minLength={10}
                autoFocus
                {...typed('fresh')}
              />
            )}
            <Refused error={enter.error} />
            {enter.isIdle && <SentBack />}
            <Button type="submit" loading={enter.isPending}>
              {t(step === 'change' ? 'signin.change' : 'signin.do')}
            </Button>
            {step !== 'change' && (
              <Anchor
                component="button"
                type="button"
                size="sm"
                onClick={() => {
                  enter.reset()
                  ask(step === 'password' ? 'token' : 'password')
                }}
              >
                {t(step === 'password' ? 'signin.by_token' : 'signin.by_password')}
              </Anchor>
            )}
            {step === 'password' && <Elsewhere />}
          </Stack>
        </Paper>
      </Stack>
    </Center>
  )
}

/** The other providers of identity, a button each: the server leads there and back. */
function Elsewhere() {
  const { t } = useTranslation()
  const providers = useQuery({ queryKey: ['oidc'], queryFn: () => data(api.GET('/api/v1/oidc')), staleTime: Infinity })
  const all = providers.data?.items ?? []
  if (all.length === 0) return null
  const to = new URLSearchParams(location.search).get('to') ?? ''
  return (
    <>
      <Divider label={t('signin.or')} />
      {all.map(({ name, label }) => (
        <Button
          key={name}
          component="a"
          variant="default"
          href={`/api/v1/oidc/${encodeURIComponent(name)}/start?to=${encodeURIComponent(to)}`}
        >
          {t('signin.elsewhere', { label })}
        </Button>
      ))}
    </>
  )
}

/** Why somebody who comes back from another provider of identity was not let in. */
function SentBack() {
  const { t, i18n } = useTranslation()
  const name = new URLSearchParams(location.search).get('refused')
  if (name === null) return null
  return (
    <Alert color="red" role="alert">
      <Text size="sm">{t(i18n.exists(`signin.refused.${name}`) ? `signin.refused.${name}` : 'signin.refused.oidc-refused')}</Text>
    </Alert>
  )
}

/** Why somebody was not let in. That a code is needed is no failure. */
function Refused({ error }: { error: Error | null }) {
  const { t, i18n } = useTranslation()
  if (error === null || (error instanceof Refusal && error.name === 'code-needed')) return null
  const name = error instanceof Refusal ? error.name : ''
  const known = i18n.exists(`signin.refused.${name}`)
  return (
    <Alert color="red" role="alert">
      <Text size="sm">{known ? t(`signin.refused.${name}`) : error.message}</Text>
    </Alert>
  )
}
