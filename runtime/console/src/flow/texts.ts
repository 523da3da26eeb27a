// The words of the flow studio, which come with its page: the first page does without.
import i18next from 'i18next'
import en from '../texts/studio.en.json'
import ru from '../texts/studio.ru.json'

i18next.addResourceBundle('en', 'translation', en, true)
i18next.addResourceBundle('ru', 'translation', ru, true)
