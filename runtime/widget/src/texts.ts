/** The words, by language. */
const en = {
  title: 'Chat with us',
  open: 'Open chat',
  close: 'Close chat',
  end: 'End the conversation',
  messages: 'Messages',
  message: 'Your message',
  send: 'Send',
  sending: 'Sending…',
  again: 'Send again',
  you: 'You',
  bot: 'Assistant',
  agent: 'Agent',
  joined: (name: string) => `${name} has joined the conversation`,
  somebody_joined: 'An agent has joined the conversation',
  typing: (name: string) => `${name} is writing…`,
  unread: (count: number) => (count === 1 ? '1 unread message' : `${count} unread messages`),
  first: 'Write to us: what you write here stays for your next visit.',
  connecting: 'Connecting…',
  lost: 'No connection. What you write is sent as soon as it is back.',
  with_bot: 'The assistant answers. It brings in a person if you ask for one.',
  with_agent: (name: string) => `You are talking with ${name}`,
  waiting: 'We are looking for somebody who can answer',
  ready: 'We are here',
  away: 'Nobody is here at the moment. Write all the same: we answer when we are back.',
  closed: 'We are closed at the moment',
  over: {
    served: 'Thank you for talking with us! The conversation is over.',
    left: 'Thank you! You have ended the conversation.',
    idle: 'Thank you! The conversation is over: nobody has written for a while.',
    closed: 'We are closed at the moment, so nobody can answer. Please write again later.',
    no_agents: 'Nobody is here who could answer at the moment. Please write again later.',
    timed_out: 'Nobody was free in time. We are sorry: please write again later.',
    full: 'Too many people are waiting at the moment. Please write again later.',
    other: 'The conversation has broken off. We are sorry: please write again.',
  } as Record<string, string>,
  refused: {
    too_many: 'Not sent: too many messages in a minute.',
    too_long: 'Not sent: the message is too long.',
    full: 'Not sent: too many people are writing at the moment.',
    other: 'Not sent.',
  } as Record<string, string>,
  left: (count: number) => `${count} characters left`,
}

export type Texts = typeof en

/** Plural forms of Russian: 1 сообщение, 2 сообщения, 5 сообщений. */
const plural = new Intl.PluralRules('ru')
const FORMS: Record<string, string> = { one: 'непрочитанное сообщение', few: 'непрочитанных сообщения' }

const ru: Texts = {
  title: 'Напишите нам',
  open: 'Открыть чат',
  close: 'Закрыть чат',
  end: 'Завершить разговор',
  messages: 'Сообщения',
  message: 'Ваше сообщение',
  send: 'Отправить',
  sending: 'Отправляется…',
  again: 'Отправить ещё раз',
  you: 'Вы',
  bot: 'Помощник',
  agent: 'Оператор',
  joined: (name) => `К разговору присоединяется ${name}`,
  somebody_joined: 'К разговору присоединился оператор',
  typing: (name) => `${name} пишет…`,
  unread: (count) => `${count} ${FORMS[plural.select(count)] ?? 'непрочитанных сообщений'}`,
  first: 'Напишите нам: переписка сохранится до следующего визита.',
  connecting: 'Соединяемся…',
  lost: 'Нет связи. Сообщения уйдут, как только она появится.',
  with_bot: 'Отвечает помощник. Если попросите, он позовёт человека.',
  with_agent: (name) => `С вами говорит ${name}`,
  waiting: 'Ищем, кто сможет ответить',
  ready: 'Мы на связи',
  away: 'Сейчас никого нет. Всё равно напишите: ответим, когда вернёмся.',
  closed: 'Сейчас мы не работаем',
  over: {
    served: 'Спасибо за разговор! Он завершён.',
    left: 'Спасибо! Вы завершили разговор.',
    idle: 'Спасибо! Разговор завершён: давно никто не писал.',
    closed: 'Сейчас мы не работаем, и ответить некому. Напишите, пожалуйста, позже.',
    no_agents: 'Сейчас некому ответить. Напишите, пожалуйста, позже.',
    timed_out: 'Никто не освободился вовремя. Простите: напишите, пожалуйста, позже.',
    full: 'Сейчас ждёт слишком много людей. Напишите, пожалуйста, позже.',
    other: 'Разговор прервался. Простите: напишите, пожалуйста, ещё раз.',
  },
  refused: {
    too_many: 'Не отправлено: слишком много сообщений за минуту.',
    too_long: 'Не отправлено: сообщение слишком длинное.',
    full: 'Не отправлено: сейчас пишет слишком много людей.',
    other: 'Не отправлено.',
  },
  left: (count) => `Осталось знаков: ${count}`,
}

/** What the browser asks for first that is spoken here. */
export function language(tags: readonly string[]): 'en' | 'ru' {
  const known = tags.map((tag) => tag.slice(0, 2).toLowerCase()).find((tag) => tag === 'ru' || tag === 'en')
  return known === 'ru' ? 'ru' : 'en'
}

export const TEXTS = { en, ru }
