import { Alert, Button } from '@mantine/core'
import { IconAlertTriangle } from '@tabler/icons-react'
import { useTranslation } from 'react-i18next'

/** What went wrong, in the server's words, and a way to try again. */
export function Failure({ error, again }: { error: Error; again: () => void }) {
  const { t } = useTranslation()
  return (
    <Alert color="red" icon={<IconAlertTriangle />} title={t('failed')}>
      {error.message}
      <Button mt="sm" display="block" variant="default" size="xs" onClick={again}>
        {t('again')}
      </Button>
    </Alert>
  )
}
