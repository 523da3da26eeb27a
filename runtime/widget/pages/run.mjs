// A visitor with the chat window on a site of its own, in a real browser; an agent by the interface.
//
// node pages/run.mjs ADDRESS TENANT TOKEN SITE_PORT OTHER_PORT FOLDER; each step tells on standard output, as a line of
// JSON, what was seen. `{"wanted":"restart"}` asks for the server to be killed and started; a line on standard input says
// that it is up.
import { mkdirSync } from 'node:fs'
import { createInterface } from 'node:readline/promises'
import { AxeBuilder } from '@axe-core/playwright'
import { chromium } from 'playwright-core'
import { Desk, network, site, until } from './world.mjs'

const [address, tenant, token, sitePort, otherPort, folder] = process.argv.slice(2)
const RULES = ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa', 'best-practice']
const FLAGS = ['--no-sandbox', '--disable-gpu', '--disable-quic', '--no-first-run', '--disable-sync',
  '--disable-background-networking', '--disable-component-update']
const tell = (what) => console.log(JSON.stringify(what))
const lines = createInterface({ input: process.stdin })[Symbol.asyncIterator]()

mkdirSync(folder, { recursive: true })
const cable = await network(Number(new URL(address).port))
const ours = await site(Number(sitePort), cable.address, tenant)
const theirs = await site(Number(otherPort), cable.address, tenant)
const browser = await chromium.launch({ executablePath: process.env.CHROMIUM ?? '/usr/bin/chromium', args: FLAGS })
const desk = new Desk(address, tenant, token)

/** A browser of a visitor. */
async function visitor(locale, colorScheme, where = ours.address) {
  const context = await browser.newContext({ locale, colorScheme, viewport: { width: 1000, height: 720 } })
  const page = await context.newPage()
  page.setDefaultTimeout(60_000)
  const errors = []
  page.on('pageerror', (error) => errors.push(String(error)))
  page.on('console', (message) => message.type() === 'error' && errors.push(message.text()))
  await page.goto(where)
  const window = page.getByRole('dialog')
  return {
    page, context, errors, window,
    launcher: page.locator('.launcher'),
    log: window.getByRole('log'),
    status: window.locator('.head p'),
    words: () => window.locator('.words').allInnerTexts(),
    async says(text) {
      await window.getByRole('textbox').fill(text)
      await page.keyboard.press('Enter')
    },
    sees: (text) => window.locator('.words', { hasText: text }).first().waitFor(),
    kept: () => until('everything is kept', async () => (await window.locator('.own .by', { hasText: /Sending|Отправляется/ }).count()) === 0),
  }
}

async function look(name, { page, errors }, locale, colorScheme) {
  await page.waitForTimeout(300)
  await page.screenshot({ path: `${folder}/${name}-${colorScheme}-${locale}.png` })
  const { violations } = await new AxeBuilder({ page }).withTags(RULES).analyze()
  const wrong = violations.map((one) => `${one.id}: ${one.nodes.map((node) => node.target).join(', ')}`)
  tell({ looked: name, locale, colorScheme, wrong, errors: errors.splice(0) })
}

/** One conversation, with everything that can happen to it. */
async function talk() {
  await desk.watch(['message', 'typing'])
  const eva = await visitor('en-GB', 'light')
  const focused = () => eva.page.evaluate(() => {
    const inside = document.querySelector('jackfield-chat').shadowRoot.activeElement
    return inside && (inside.getAttribute('aria-label') ?? inside.tagName)
  })
  await eva.launcher.waitFor()
  const before = await eva.page.evaluate(() => localStorage.length)
  await look('closed', eva, 'en', 'light')
  // By keyboard: there and back.
  await eva.page.keyboard.press('Tab')
  await eva.page.keyboard.press('Enter')
  const opened = await focused()
  await eva.page.keyboard.press('Escape')
  const closed = await focused()
  await eva.page.keyboard.press('Enter')
  await eva.status.filter({ hasText: 'Nobody is here' }).waitFor()
  tell({ keyboard: [opened, closed], kept_before_opening: before, away: await eva.status.innerText() })

  await eva.says('Hello, when are you open?')
  await eva.sees('We are open from 9 to 18.')
  await eva.says('Thank you! An operator, please')
  await desk.ready('alice')
  const id = await desk.accept('alice')
  await eva.status.filter({ hasText: 'Anna' }).waitFor()
  tell({ transcript: (await desk.messages(id)).map(({ seq, from, text }) => [seq, from, text]), status: await eva.status.innerText() })
  await desk.ask('POST', `/interactions/${id}/typing`)
  await eva.window.getByText('Anna is writing…').waitFor()
  await desk.write(id, 'alice', 'Good day! I read that you ask for me: https://fibre.example/hours.')
  await eva.sees('Good day!')
  const link = await eva.window.getByRole('link').getAttribute('href')
  await eva.window.getByRole('textbox').pressSequentially('Well')
  await until('the visitor types', () => desk.events.some((event) => event.kind === 'typing' && event.interaction === id))
  await look('talk', eva, 'en', 'light')
  await eva.says('Well, thank you')
  await eva.kept()
  const told = await eva.words()
  await eva.page.reload()
  await eva.launcher.click()
  await eva.sees('Well, thank you')
  tell({ link, same_after_reload: JSON.stringify(await eva.words()) === JSON.stringify(told), told })

  // The server hears, and what it answers is lost: the page does not know.
  cable.set('deaf')
  await eva.says('one')
  await until('the server has heard', async () => (await desk.messages(id)).some((one) => one.text === 'one'))
  cable.set('down')
  await eva.status.filter({ hasText: 'No connection' }).waitFor()
  await eva.says('two')
  await desk.write(id, 'alice', 'three')
  await eva.says('four')
  const pending = await eva.window.locator('.own .by', { hasText: 'Sending' }).count()
  cable.set('up')
  await eva.kept()
  await eva.sees('three')
  const words = (await eva.words()).slice(told.length)
  tell({ lost: { pending, words, kept: (await desk.messages(id)).map((one) => one.text).slice(told.length) } })

  // Closed, it counts what comes.
  await eva.page.keyboard.press('Escape')
  await desk.write(id, 'alice', 'five')
  await eva.launcher.locator('.badge').waitFor()
  const label = await eva.launcher.getAttribute('aria-label')
  await eva.page.keyboard.press('Enter')
  tell({ unread: label, left: await eva.launcher.locator('.badge').count() })

  // Nothing of it is only in memory.
  const kept = await eva.words()
  tell({ wanted: 'restart' })
  await lines.next()
  await desk.watch(['message', 'typing'])
  await eva.status.filter({ hasText: 'No connection' }).waitFor({ state: 'detached' })
  await desk.ready('alice')
  const again = await desk.accept('alice')
  await eva.status.filter({ hasText: 'Anna' }).waitFor()
  await eva.says('six')
  await desk.write(again, 'alice', 'seven')
  await eva.sees('seven')
  await eva.kept()
  tell({ restarted: { same: again === id, words: (await eva.words()).slice(kept.length) } })

  await desk.ask('POST', `/agents/alice/interactions/${id}/end`)
  await eva.window.getByText('Thank you for talking with us!').waitFor()
  const seen = desk.events.filter((event) => event.kind === 'message' && event.interaction === id)
  tell({ ended: await eva.status.innerText(), events: seen.map(({ from, text }) => [from, text]) })
  await look('over', eva, 'en', 'light')
  await eva.context.close()
}

/** On a telephone the window is all there is, and the button is back, with the focus, when it is closed. */
async function telephone(one) {
  await one.page.setViewportSize({ width: 390, height: 780 })
  await look('telephone', one, 'ru', 'light')
  await one.page.keyboard.press('Escape')
  await one.launcher.waitFor()
  const focused = await one.page.evaluate(() => document.querySelector('jackfield-chat').shadowRoot.activeElement?.className)
  tell({ telephone: focused })
  await one.page.keyboard.press('Enter')
}

/** How it looks to others, and what they are told where nobody can answer. */
async function others() {
  for (const [locale, scheme] of [['en', 'dark'], ['ru', 'light'], ['ru', 'dark']]) {
    const one = await visitor(locale, scheme)
    await one.launcher.click()
    await one.says(locale === 'ru' ? 'Здравствуйте' : 'Hello, when are you open?')
    await one.window.locator('.said:not(.own) .words').first().waitFor()
    await one.kept()
    await look('bot', one, locale, scheme)
    if (scheme === 'light') await telephone(one)
    await one.window.getByRole('button', { name: /^(End the conversation|Завершить разговор)$/ }).click()
    const over = one.window.getByText(/Thank you!|Спасибо!/)
    await over.waitFor()
    tell({ left: locale, over: await over.innerText() })
    await one.context.close()
  }
  const wrong = await visitor('en', 'light', theirs.address)
  await wrong.launcher.click()
  await wrong.status.filter({ hasText: 'No connection' }).waitFor()
  await wrong.says('Let me in')
  tell({ wrong_origin: await wrong.words(), status: await wrong.status.innerText() })
  await wrong.context.close()

  await desk.ask('POST', '/queues/sales/close', { message: 'Closed for the holidays.' })
  const late = await visitor('en', 'light')
  await late.launcher.click()
  await late.status.filter({ hasText: 'We are closed' }).waitFor()
  await late.says('An operator, please')
  await late.window.getByText('nobody can answer').waitFor()
  tell({ closed: await late.words(), over: await late.window.locator('.over').innerText() })
  for (let n = 0; n < 12; n++) await late.says(`quick ${n}`)
  await late.window.getByText('too many messages').first().waitFor()
  tell({ too_fast: await late.window.getByRole('button', { name: 'Send again' }).count() > 0 })
  await late.context.close()
}

/** The protocol itself, from a page that keeps to it less well than the window. */
async function protocol() {
  const { page, context } = await visitor('en', 'light')
  const told = await page.evaluate(async (address) => {
    const open = (visitor) => {
      const socket = new WebSocket(address, 'webchat.v1')
      const frames = []
      const closed = new Promise((done) => (socket.onclose = (event) => done(event.code)))
      socket.onmessage = (event) => frames.push(JSON.parse(event.data))
      const send = (what) => socket.send(JSON.stringify(what))
      socket.onopen = () => send({ type: 'hello', ...(visitor && { visitor }) })
      const next = async (fits) => {
        for (;;) {
          const place = frames.findIndex(fits)
          if (0 <= place) return frames.splice(place, 1)[0]
          await new Promise((done) => setTimeout(done, 20))
        }
      }
      return { send, next, closed }
    }
    const own = (frame) => frame.type === 'message' && frame.from === 'customer'
    const welcome = (frame) => frame.type === 'welcome'
    const one = open()
    const { visitor } = await one.next(welcome)
    const other = open(visitor)
    const same = (await other.next(welcome)).visitor === visitor
    const x = { type: 'message', id: 'x', text: 'When are you open?' }
    one.send(x)
    const first = await one.next(own)
    const seen = await other.next(own)
    // What was acknowledged is acknowledged again, and not written again.
    other.send(x)
    const again = await other.next(own)
    const whys = []
    for (const wrong of [{ id: 'y', text: 'x'.repeat(2001) }, { id: '?', text: 'x' }, { id: 'z', text: ' \u0007 ' }]) {
      one.send({ type: 'message', ...wrong })
      whys.push((await one.next((frame) => frame.type === 'refused')).why)
    }
    one.send({ type: 'nonsense' })
    return { interaction: first.interaction, seqs: [first.seq, seen.seq, again.seq], same, whys, closed: await one.closed }
  }, `${cable.address.replace('http', 'ws')}/api/v1/tenants/${tenant}/webchat`)
  const { interaction, ...rest } = told
  const kept = await desk.messages(interaction)
  tell({ protocol: { ...rest, kept: kept.filter((one) => one.from === 'customer').length } })
  await context.close()
}

await talk()
await protocol()
await others()
await browser.close()
cable.close()
ours.close()
theirs.close()
process.exit(0)
