import { Alert, Badge, Button, Grid, Group, Paper, Skeleton, Stack, Text, TextInput, Title } from '@mantine/core'
import { IconRocket } from '@tabler/icons-react'
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query'
import { useParams } from '@tanstack/react-router'
import { useState } from 'react'
import { useTranslation } from 'react-i18next'
import { api, data, Refusal, type Schema } from '../api/client'
import { Editor } from '../flow/Editor'
import { Back } from '../ui/Back'
import { Failure } from '../ui/Failure'

export function Flow() {
  const { t } = useTranslation()
  const { tenant, flow } = useParams({ from: '/t/$tenant/flows/$flow' })
  const path = { tenant, flow }
  const versions = useQuery({
    queryKey: ['live', tenant, 'flow', flow],
    queryFn: () =>
      data(api.GET('/api/v1/tenants/{tenant}/flows/{flow}/versions', { params: { path } })),
  })
  const active = versions.data?.items.find((one) => one.active) ?? versions.data?.items[0]
  const [chosen, choose] = useState<number>()
  const version = chosen ?? active?.version
  const script = useQuery({
    queryKey: ['script', tenant, flow, version],
    queryFn: () =>
      data(
        api.GET('/api/v1/tenants/{tenant}/flows/{flow}/versions/{version}', {
          params: { path: { ...path, version: String(version) } },
        }),
      ),
    enabled: version !== undefined,
    staleTime: Infinity,
  })
  const error = versions.error ?? script.error
  return (
    <Stack>
      <Back tenant={tenant} to="flows" label={t('flows.back')} />
      <Title order={1} size="h3">
        {flow}
      </Title>
      {error !== null && <Failure error={error} again={() => void versions.refetch()} />}
      <Grid>
        <Grid.Col span={{ base: 12, lg: 8 }}>
          {script.data === undefined ? (
            error === null && <Skeleton h={400} />
          ) : (
            <Draft key={script.data.version} tenant={tenant} flow={flow} of={script.data} published={choose} />
          )}
        </Grid.Col>
        <Grid.Col span={{ base: 12, lg: 4 }}>
          {versions.data && (
            <Versions tenant={tenant} flow={flow} all={versions.data.items} shown={version} choose={choose} />
          )}
        </Grid.Col>
      </Grid>
    </Stack>
  )
}

interface Edited {
  tenant: string
  flow: string
  of: Schema<'FlowScript'>
  published: (version: number | undefined) => void
}

/** A version as it is edited, until it is published as the next one. */
function Draft({ tenant, flow, of, published }: Edited) {
  const { t } = useTranslation()
  const queries = useQueryClient()
  const [text, write] = useState(of.script)
  const [comment, remark] = useState('')
  const path = { tenant, flow }
  const look = async (script: string) => {
    const check = api.POST('/api/v1/tenants/{tenant}/flows/{flow}/check', { params: { path }, body: { script } })
    try {
      await data(check)
      return []
    } catch (error) {
      return error instanceof Refusal ? error.mistakes : []
    }
  }
  const publish = useMutation({
    mutationFn: () =>
      data(
        api.POST('/api/v1/tenants/{tenant}/flows/{flow}/publish', {
          params: { path },
          body: { script: text, comment: comment === '' ? null : comment },
        }),
      ),
    onSuccess: async () => {
      await queries.invalidateQueries({ queryKey: ['live', tenant] })
      published(undefined)
    },
  })
  return (
    <Stack>
      <Paper withBorder>
        <Editor script={of.script} label={t('flows.script', { flow })} changed={write} look={look} />
      </Paper>
      {publish.error !== null && (
        <Alert color="red" title={t('flows.not_published')}>
          {publish.error.message}
        </Alert>
      )}
      <Group align="flex-end">
        <TextInput
          label={t('flows.comment')}
          value={comment}
          onChange={(event) => remark(event.currentTarget.value)}
          style={{ flex: 1 }}
        />
        <Button
          leftSection={<IconRocket size={16} />}
          disabled={text === of.script && of.active}
          loading={publish.isPending}
          onClick={() => publish.mutate()}
        >
          {t('flows.publish')}
        </Button>
      </Group>
    </Stack>
  )
}

interface Listed {
  tenant: string
  flow: string
  all: Schema<'FlowVersion'>[]
  shown: number | undefined
  choose: (version: number | undefined) => void
}

function Versions({ tenant, flow, all, shown, choose }: Listed) {
  const { t, i18n } = useTranslation()
  const queries = useQueryClient()
  const moment = new Intl.DateTimeFormat(i18n.language, { dateStyle: 'medium', timeStyle: 'short' })
  const rollBack = useMutation({
    mutationFn: (version: number) =>
      data(
        api.POST('/api/v1/tenants/{tenant}/flows/{flow}/rollback', {
          params: { path: { tenant, flow } },
          body: { version },
        }),
      ),
    onSuccess: () => queries.invalidateQueries({ queryKey: ['live', tenant] }),
  })
  return (
    <Paper withBorder p="md">
      <Title order={2} size="h5" mb="sm">
        {t('flows.versions')}
      </Title>
      {rollBack.error !== null && (
        <Alert color="red" mb="sm">
          {rollBack.error.message}
        </Alert>
      )}
      <Stack gap="sm">
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
                  loading={rollBack.isPending && rollBack.variables === one.version}
                  onClick={() => rollBack.mutate(one.version)}
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
      </Stack>
    </Paper>
  )
}
