import i18next from 'i18next'
import { initReactI18next } from 'react-i18next'

export const LANGUAGES = ['en', 'ru'] as const
export type Language = (typeof LANGUAGES)[number]

/** The words of a language are fetched with it: nobody reads two at once. */
const TEXTS: Record<Language, () => Promise<{ default: object }>> = {
  en: () => import('./texts/en.json'),
  ru: () => import('./texts/ru.json'),
}

const KEPT = 'jackfield.language'

/** What was chosen before, or what the browser asks for. */
function wanted(): Language {
  const all = [localStorage.getItem(KEPT), ...navigator.languages]
  const known = all.map((tag) => LANGUAGES.find((language) => tag?.startsWith(language)))
  return known.find((language) => language !== undefined) ?? 'en'
}

export async function speak(language: Language) {
  const texts = await TEXTS[language]()
  i18next.addResourceBundle(language, 'translation', texts.default)
  localStorage.setItem(KEPT, language)
  document.documentElement.lang = language
  return i18next.changeLanguage(language)
}

export async function setUpTexts() {
  const lng = wanted()
  document.documentElement.lang = lng
  await i18next.use(initReactI18next).init({
    lng,
    resources: { [lng]: { translation: (await TEXTS[lng]()).default } },
    interpolation: { escapeValue: false },
  })
}
