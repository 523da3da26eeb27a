import i18next from 'i18next'
import { initReactI18next } from 'react-i18next'

export const LANGUAGES = ['en', 'ru'] as const
export type Language = (typeof LANGUAGES)[number]

/** A language is fetched when it is spoken: nobody waits for the others. */
const TEXTS = { en: () => import('./texts/en.json'), ru: () => import('./texts/ru.json') }

const KEPT = 'jackfield.language'

/** What was chosen before, or what the browser asks for. */
function wanted(): Language {
  const all = [localStorage.getItem(KEPT), ...navigator.languages]
  const known = all.map((tag) => LANGUAGES.find((language) => tag?.startsWith(language)))
  return known.find((language) => language !== undefined) ?? 'en'
}

async function learn(language: Language) {
  if (i18next.hasResourceBundle(language, 'translation')) return
  i18next.addResourceBundle(language, 'translation', (await TEXTS[language]()).default)
}

export async function speak(language: Language) {
  localStorage.setItem(KEPT, language)
  await learn(language)
  document.documentElement.lang = language
  await i18next.changeLanguage(language)
}

export async function setUpTexts() {
  const lng = wanted()
  document.documentElement.lang = lng
  await i18next.use(initReactI18next).init({ lng, resources: {}, interpolation: { escapeValue: false } })
  await learn(lng)
}
