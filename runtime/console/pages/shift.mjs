// A whole shift at a desk in a real browser: two chats of visitors and three calls. One line of JSON for each step on
// standard output; a caller comes after each `wants a call`.
//
// node pages/shift.mjs ADDRESS USER PASSWORD TENANT TONE.wav SITE-PORT
import { site } from '../../widget/pages/world.mjs'
import { signIn, speaking } from './voice.mjs'

const [address, user, password, tenant, tone, port] = process.argv.slice(2)

const say = (step, more = {}) => console.log(JSON.stringify({ step, ...more }))
const browser = await speaking(tone)
const shop = await site(Number(port), address, tenant)
const errors = []
const page = await someone({ permissions: ['microphone'], viewport: { width: 1440, height: 1200 } })
process.on('uncaughtException', async (error) => {
  await page.screenshot({ path: 'target/console-pages/shift-failed.png' })
  console.error(error, errors)
  process.exit(1)
})

await signIn(page, address, user, password)
await page.waitForURL('**/desk')
await page.getByText('Voice on', { exact: true }).waitFor()
await page.getByRole('button', { name: 'Ready', exact: true }).click()
await page.locator('[role=status]', { hasText: /^Ready$/ }).waitFor()

const visitors = []
for (const text of ['My invoice is wrong', 'Do you deliver on Sundays?']) {
  const visitor = await someone({})
  await visitor.goto(shop.address)
  await visitor.getByRole('button', { name: /^Open chat/ }).click()
  await visitor.getByLabel('Your message').fill(text)
  await visitor.keyboard.press('Enter')
  await page.locator('[data-desk=accept]').click()
  await page.getByRole('log').getByText(text).waitFor()
  visitors.push(visitor)
}
const cards = page.locator('section', { has: page.getByRole('log') })
for (const [place, visitor] of visitors.entries()) {
  const write = cards.nth(place).getByLabel('Your message')
  await write.fill('/back')
  await write.press('Enter')
  await write.press('Enter')
  await visitor.getByText('Thank you for waiting.').waitFor()
}
say('two chats', { served: await cards.count() })

await call('to another queue', async (card) => {
  await card.getByRole('button', { name: 'Transfer', exact: true }).click()
  await card.getByRole('combobox', { name: 'Queue' }).or(card.getByRole('textbox', { name: 'Queue' })).first().click()
  await page.getByRole('option', { name: 'help' }).click()
  await card.getByRole('button', { name: 'Transfer now' }).click()
})
await call('to a colleague who is asked first', async (card) => {
  await card.getByRole('button', { name: 'Transfer', exact: true }).click()
  await card.getByText('Number', { exact: true }).click()
  await card.getByLabel('Number or address').fill('bob')
  await card.getByRole('button', { name: 'Call first' }).click()
  await card.getByText('You talk to bob').waitFor()
  await card.getByRole('button', { name: 'Talk all together' }).click()
  await card.getByText('All three talk').waitFor()
  await card.getByRole('button', { name: 'Connect them and leave' }).click()
})
await call('to its end', async (card) => {
  await card.getByRole('button', { name: 'Hang up' }).click()
})

// The visitors have been there all the time.
await visitors[0].getByLabel('Your message').fill('Thank you')
await visitors[0].keyboard.press('Enter')
await cards.first().getByRole('log').getByText('Thank you', { exact: true }).waitFor()
for (let left = visitors.length; left > 0; left--) {
  await cards.first().getByRole('button', { name: 'End', exact: true }).click()
  await wrapUp()
}
await page.getByText('Nothing to do right now').waitFor()
say('numbers', { told: await page.getByText(/^\d+ contacts$/).innerText() })
await page.getByRole('button', { name: 'Log out' }).click()
await page.locator('[role=status]', { hasText: /^Logged out$/ }).waitFor()
say('done', { errors })
await browser.close()
process.exit(0)

async function someone(more) {
  const context = await browser.newContext({ locale: 'en', ...more })
  const page = await context.newPage()
  page.setDefaultTimeout(60_000)
  page.on('pageerror', (error) => errors.push(String(error)))
  page.on('console', (message) => message.type() === 'error' && errors.push(message.text()))
  return page
}

/** Takes the next call, does something with it, and writes down what it was about. */
async function call(step, act) {
  say('wants a call')
  await page.locator('[data-desk=accept]').click()
  const card = page.locator('section[aria-label^="Call"]')
  await card.getByText('in progress', { exact: true }).waitFor()
  await act(card)
  await wrapUp()
  say(step)
}

async function wrapUp() {
  const form = page.locator('form', { has: page.getByRole('button', { name: 'Done' }) })
  await form.locator('input[required]').first().click()
  await page.getByRole('option', { name: 'invoice' }).click()
  await form.getByLabel('order number').fill('4711')
  await form.getByRole('button', { name: 'Done' }).click()
  await form.waitFor({ state: 'detached' })
}
