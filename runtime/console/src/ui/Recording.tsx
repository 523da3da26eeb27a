import { Alert, Button, Paper, Title } from '@mantine/core'
import { IconPlayerPlay } from '@tabler/icons-react'
import { useMutation } from '@tanstack/react-query'
import { useEffect } from 'react'
import { useTranslation } from 'react-i18next'
import { Refusal } from '../api/client'

/** Fetches a recording when it is asked for, and plays it: nobody hears what he has not opened. */
export function Recording({ tenant, interaction }: { tenant: string; interaction: string }) {
  const { t } = useTranslation()
  const path = `/api/v1/tenants/${encodeURIComponent(tenant)}/interactions/${encodeURIComponent(interaction)}/recording`
  const fetched = useMutation({
    mutationFn: async () => {
      const response = await fetch(path)
      if (!response.ok) throw new Refusal(response.status, await response.json().catch(() => undefined))
      return URL.createObjectURL(await response.blob())
    },
  })
  const sound = fetched.data
  useEffect(() => () => (sound === undefined ? undefined : URL.revokeObjectURL(sound)), [sound])
  return (
    <Paper withBorder p="md">
      <Title order={2} size="h5" mb="sm">
        {t('interactions.recording')}
      </Title>
      {fetched.error !== null && (
        <Alert color="red" mb="sm">
          {fetched.error.message}
        </Alert>
      )}
      {sound === undefined ? (
        <Button
          variant="default"
          size="xs"
          leftSection={<IconPlayerPlay size={16} />}
          loading={fetched.isPending}
          onClick={() => fetched.mutate()}
        >
          {t('interactions.listen')}
        </Button>
      ) : (
        <audio controls autoPlay src={sound} style={{ width: '100%' }} aria-label={t('interactions.recording')} />
      )}
    </Paper>
  )
}
