import { expect, test } from 'vitest'
import en from './en.json'
import ru from './ru.json'
import studioEn from './studio.en.json'
import studioRu from './studio.ru.json'

/** The names of all texts; of forms for numbers only that there are some. */
function names(texts: object, before = ''): string[] {
  const each = Object.entries(texts).flatMap(([name, value]) =>
    typeof value === 'object' ? names(value as object, `${before}${name}.`) : [before + name],
  )
  return [...new Set(each.map((name) => name.replace(/_(one|few|many|other)$/, '_*')))].sort()
}

test('both languages say everything', () => {
  expect(names(ru)).toEqual(names(en))
  expect(names(studioRu)).toEqual(names(studioEn))
})
