import { Button, Paper, Skeleton, Title } from '@mantine/core'
import { IconPlayerPlay } from '@tabler/icons-react'
import { lazy, Suspense, useState } from 'react'
import { useTranslation } from 'react-i18next'

const Player = lazy(() => import('../sound/Player').then(({ Player }) => ({ default: Player })))

/** Fetches a recording when it is asked for, and plays it: nobody hears what he has not opened. */
export function Recording({ tenant, interaction }: { tenant: string; interaction: string }) {
  const { t } = useTranslation()
  const [opened, open] = useState(false)
  return (
    <Paper withBorder p="md">
      <Title order={2} size="h5" mb="sm">
        {t('interactions.recording')}
      </Title>
      {opened ? (
        <Suspense fallback={<Skeleton h={160} />}>
          <Player tenant={tenant} interaction={interaction} />
        </Suspense>
      ) : (
        <Button
          variant="default"
          size="xs"
          leftSection={<IconPlayerPlay size={16} />}
          onClick={() => open(true)}
        >
          {t('interactions.listen')}
        </Button>
      )}
    </Paper>
  )
}
