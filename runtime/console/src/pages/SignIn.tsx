import { Alert, Anchor, Button, Center, Group, Paper, PasswordInput, Stack, Text, TextInput, Title } from '@mantine/core'
import { useMutation, useQueryClient } from '@tanstack/react-query'
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
          </Stack>
        </Paper>
      </Stack>
    </Center>
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
