import { Alert, Button, Center, Group, Paper, PasswordInput, Stack, Text, Title } from '@mantine/core'
import { useMutation } from '@tanstack/react-query'
import { useNavigate } from '@tanstack/react-router'
import { useState, type FormEvent } from 'react'
import { useTranslation } from 'react-i18next'
import { api, data, Refusal, token } from '../api/client'
import { Controls } from '../shell/Controls'

export function SignIn() {
  const { t } = useTranslation()
  const navigate = useNavigate()
  const [value, write] = useState('')
  const signIn = useMutation({
    mutationFn: async () => {
      token.keep(value.trim())
      const tenants = await data(api.GET('/api/v1/tenants'))
      const first = tenants.items[0]
      if (first === undefined) throw new Refusal(404, { detail: t('signin.no_tenant') })
      return first.id
    },
    onError: () => token.forget(),
    onSuccess: (tenant) => {
      const wanted = new URLSearchParams(location.search).get('to')
      // Only a place of these pages: nobody is sent elsewhere by a link.
      if (wanted?.startsWith('/t/')) return navigate({ href: wanted })
      return navigate({ to: '/t/$tenant/wallboard', params: { tenant } })
    },
  })
  const submit = (event: FormEvent) => {
    event.preventDefault()
    signIn.mutate()
  }
  const unknown = signIn.error instanceof Refusal && signIn.error.status === 401
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
            <PasswordInput
              label={t('signin.token')}
              description={t('signin.about')}
              value={value}
              onChange={(event) => write(event.currentTarget.value)}
              autoFocus
              required
              withAsterisk={false}
              autoComplete="off"
            />
            {signIn.error !== null && (
              <Alert color="red" role="alert">
                <Text size="sm">{unknown ? t('signin.wrong') : signIn.error.message}</Text>
              </Alert>
            )}
            <Button type="submit" loading={signIn.isPending}>
              {t('signin.do')}
            </Button>
          </Stack>
        </Paper>
      </Stack>
    </Center>
  )
}
