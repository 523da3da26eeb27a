import { Button, SimpleGrid } from '@mantine/core'
import { useTranslation } from 'react-i18next'

const KEYS = ['1', '2', '3', '4', '5', '6', '7', '8', '9', '*', '0', '#']
const NAMES: Record<string, string> = { '*': 'star', '#': 'hash' }

/** The keys of a telephone, for menus on the other side. */
export function Keypad({ press }: { press: (digit: string) => void }) {
  const { t } = useTranslation()
  return (
    <SimpleGrid cols={3} spacing="xs" w={180} role="group" aria-label={t('desk.keys')}>
      {KEYS.map((key) => (
        <Button
          key={key}
          variant="default"
          onClick={() => press(key)}
          aria-label={NAMES[key] === undefined ? key : t(`desk.key.${NAMES[key]}`)}
        >
          {key}
        </Button>
      ))}
    </SimpleGrid>
  )
}
