import { ActionIcon, SegmentedControl, Tooltip, useComputedColorScheme, useMantineColorScheme } from '@mantine/core'
import { IconMoon, IconSun } from '@tabler/icons-react'
import { useTranslation } from 'react-i18next'
import { LANGUAGES, speak, type Language } from '../i18n'

/** The language and the scheme of the pages, for everybody, signed in or not. */
export function Controls() {
  const { t, i18n } = useTranslation()
  const { setColorScheme } = useMantineColorScheme()
  const dark = useComputedColorScheme('light') === 'dark'
  return (
    <>
      <SegmentedControl
        size="xs"
        aria-label={t('language')}
        value={i18n.language}
        onChange={(language) => void speak(language as Language)}
        data={LANGUAGES.map((language) => ({ value: language, label: language.toUpperCase() }))}
      />
      <Tooltip label={t('scheme')}>
        <ActionIcon
          variant="default"
          size="lg"
          aria-label={t('scheme')}
          onClick={() => setColorScheme(dark ? 'light' : 'dark')}
        >
          {dark ? <IconSun size={18} /> : <IconMoon size={18} />}
        </ActionIcon>
      </Tooltip>
    </>
  )
}
