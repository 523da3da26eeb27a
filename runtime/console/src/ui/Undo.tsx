import { Alert, Button, Group, Text } from '@mantine/core'
import { useState } from 'react'
import { useTranslation } from 'react-i18next'

interface Done {
  what: string
  undo: () => Promise<unknown>
}

/** What was done last, and a way back: `done` tells of it, `bar` shows it. */
export function useUndo() {
  const { t } = useTranslation()
  const [last, tell] = useState<Done>()
  const [failed, fail] = useState<string>()
  const back = () => {
    fail(undefined)
    last?.undo().then(
      () => tell(undefined),
      (error: unknown) => fail(error instanceof Error ? error.message : String(error)),
    )
  }
  const bar = (
    <div role="status">
      {last !== undefined && (
        <Alert color={failed === undefined ? 'blue' : 'red'} withCloseButton closeButtonLabel={t('close')} onClose={() => tell(undefined)}>
          <Group gap="sm">
            <Text size="sm">{failed ?? last.what}</Text>
            <Button size="xs" variant="default" onClick={back}>
              {t('undo')}
            </Button>
          </Group>
        </Alert>
      )}
    </div>
  )
  const done = (what: string, undo: Done['undo']) => {
    fail(undefined)
    tell({ what, undo })
  }
  return { done, bar }
}
