import i18next from 'i18next'
import { initReactI18next } from 'react-i18next'
import en from './texts/en.json'
import ru from './texts/ru.json'

export const LANGUAGES = ['en', 'ru'] as const
export type Language = (typeof LANGUAGES)[number]

const KEPT = 'jackfield.language'

/** What was chosen before, or what the browser asks for. */
function wanted(): Language {
  const all = [localStorage.getItem(KEPT), ...navigator.languages]
  const known = all.map((tag) => LANGUAGES.find((language) => tag?.startsWith(language)))
  return known.find((language) => language !== undefined) ?? 'en'
}

export function speak(language: Language) {
  localStorage.setItem(KEPT, language)
  document.documentElement.lang = language
  return i18next.changeLanguage(language)
}

export async function setUpTexts() {
  const lng = wanted()
  document.documentElement.lang = lng
  await i18next.use(initReactI18next).init({
    lng,
    fallbackLng: 'en',
    resources: { en: { translation: en }, ru: { translation: ru } },
    interpolation: { escapeValue: false },
  })
}
