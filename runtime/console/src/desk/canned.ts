/** A reply that is written often. */
export interface Canned {
  name: string
  /** `{name}` is the customer's. */
  text: string
}

const REPLIES: Record<string, Canned[]> = {
  en: [
    { name: 'hello', text: 'Hello {name}, how can I help you?' },
    { name: 'moment', text: 'One moment, please: I am looking it up.' },
    { name: 'number', text: 'Could you tell me your order or contract number?' },
    { name: 'back', text: 'Thank you for waiting.' },
    { name: 'call', text: 'May I call you back? Please tell me a number and a good time.' },
    { name: 'bye', text: 'Thank you for writing to us. Have a good day!' },
  ],
  ru: [
    { name: 'привет', text: 'Здравствуйте, {name}! Чем могу помочь?' },
    { name: 'минуту', text: 'Одну минуту, пожалуйста, сейчас посмотрю.' },
    { name: 'номер', text: 'Назовите, пожалуйста, номер заказа или договора.' },
    { name: 'снова', text: 'Спасибо за ожидание.' },
    { name: 'звонок', text: 'Можно вам перезвонить? Укажите, пожалуйста, номер и удобное время.' },
    { name: 'пока', text: 'Спасибо за обращение. Хорошего дня!' },
  ],
}

/** The canned replies of a language. */
export const canned = (language: string): Canned[] => REPLIES[language] ?? REPLIES.en ?? []

/** Whether what was typed, with its `/`, begins the name of a reply or is in its text. */
export function fits(one: Canned, typed: string): boolean {
  const wanted = typed.slice(1).toLowerCase()
  return one.name.startsWith(wanted) || one.text.toLowerCase().includes(wanted)
}
