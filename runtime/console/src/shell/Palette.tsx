import '@mantine/spotlight/styles.css'
import { Spotlight, spotlight, type SpotlightActionData } from '@mantine/spotlight'
import { useTranslation } from 'react-i18next'

export { spotlight }

/** Goes anywhere by a few letters: Ctrl-K. */
export default function Palette({ actions }: { actions: SpotlightActionData[] }) {
  const { t } = useTranslation()
  return (
    <Spotlight
      actions={actions}
      shortcut="mod + K"
      nothingFound={t('nothing_found')}
      searchProps={{ placeholder: t('search'), 'aria-label': t('search') }}
    />
  )
}
