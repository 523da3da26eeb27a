// An agent's desk in a real browser, with a voice: one line of JSON for each step on standard output.
//
// node pages/desk.mjs ADDRESS USER PASSWORD TONE.wav FOLDER; a caller comes in while it runs and hears the tone.
import { mkdirSync } from 'node:fs'
import { AxeBuilder } from '@axe-core/playwright'
import { listenTo, signIn, speaking } from './voice.mjs'

const [address, user, password, tone, folder] = process.argv.slice(2)
const RULES = ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa']

mkdirSync(folder, { recursive: true })
const say = (step, more = {}) => console.log(JSON.stringify({ step, ...more }))
const browser = await speaking(tone)
const context = await browser.newContext({ locale: 'en', permissions: ['microphone'], viewport: { width: 1440, height: 900 } })
await listenTo(context)
// The page's socket can be cut, and kept from coming back.
let cut = false
let socket
await context.routeWebSocket(/\/desk$/, (own) => {
  if (cut) return void own.close({ code: 1012 })
  socket = own
  own.connectToServer()
})
const page = await context.newPage()
page.setDefaultTimeout(60_000)
const errors = []
process.on('uncaughtException', async (error) => {
  // What was on the page says more than what was not.
  await page.screenshot({ path: `${folder}/desk-failed.png` })
  console.error(error, errors)
  process.exit(1)
})
page.on('pageerror', (error) => errors.push(String(error)))
page.on('console', (message) => message.type() === 'error' && errors.push(message.text()))

await signIn(page, address, user, password)
await page.waitForURL('**/desk')
await page.getByText('Voice on', { exact: true }).waitFor()
await page.getByRole('button', { name: 'Ready', exact: true }).click()
await page.locator('[role=status]', { hasText: /^Ready$/ }).waitFor()
await shown('desk')
say('ready')

const answer = page.locator('[data-desk=accept]')
await answer.waitFor()
say('rings', { who: await page.getByRole('heading', { level: 2 }).innerText(), chosen: await page.getByText('why: a question').count() })
await shown('desk-rings')
await page.keyboard.press('Alt+a')
await page.getByText('in progress', { exact: true }).waitFor()
say('talks', { heard: await heard() })
await shown('desk-talks')

await page.keyboard.press('Alt+h')
await page.getByText('on hold', { exact: true }).waitFor()
say('holds', { heard: await silence() })
await page.keyboard.press('Alt+h')
await page.getByText('in progress', { exact: true }).waitFor()
say('talks again', { heard: await heard() })

await page.reload()
await page.getByText('in progress', { exact: true }).waitFor()
await page.getByText('Voice on', { exact: true }).waitFor()
say('after a reload', { heard: await heard() })

// The page is cut off from the server, not the voice: what is asked meanwhile is done once, afterwards.
cut = true
await socket.close({ code: 1012 })
await page.getByText('No connection to the server').waitFor()
await page.locator('[data-desk=hold]').click()
cut = false
await page.getByText('on hold', { exact: true }).waitFor()
await page.locator('[data-desk=hold]').click()
await page.getByText('in progress', { exact: true }).waitFor()
say('after a break', { heard: await heard() })

await page.locator('[data-desk=end]').click()
await page.getByText('What it was about').first().waitFor()
await shown('desk-wrap-up')
await page.getByRole('button', { name: 'Done' }).click()
// The browser itself asks for what is required.
await page.locator('input[required]').first().click()
await page.getByRole('option', { name: 'invoice' }).click()
await page.getByLabel('order number').fill('4711')
await page.getByLabel('Note').fill('wants fibre')
await page.getByRole('button', { name: 'Done' }).click()
await page.getByText('Nothing to do right now').waitFor()
say('done', { errors })
await browser.close()

/** Looks at the page in both languages and schemes. */
async function shown(name) {
  for (const [language, locale] of [['RU', 'ru'], ['EN', 'en']]) {
    await page.getByText(language, { exact: true }).first().click()
    for (const colorScheme of ['dark', 'light']) {
      await page.emulateMedia({ colorScheme })
      await page.waitForTimeout(300)
      await page.screenshot({ path: `${folder}/${name}-${colorScheme}-${locale}.png` })
      const { violations } = await new AxeBuilder({ page }).withTags(RULES).analyze()
      const wrong = violations.map((one) => `${one.id}: ${one.nodes.map((node) => node.target).join(', ')}`)
      say('looked', { name, locale, colorScheme, wrong })
    }
  }
}

/** The loudest frequency that the newest connection brings, in hertz; 0 is silence. */
function loudest() {
  return page.evaluate(async () => {
    const peer = window.peers.at(-1)
    const context = new AudioContext({ sampleRate: 8_000 })
    const analyser = context.createAnalyser()
    analyser.fftSize = 4_096
    const track = peer.getReceivers()[0].track
    context.createMediaStreamSource(new MediaStream([track])).connect(analyser)
    await new Promise((later) => setTimeout(later, 900))
    const bins = new Float32Array(analyser.frequencyBinCount)
    analyser.getFloatFrequencyData(bins)
    await context.close()
    const most = bins.indexOf(Math.max(...bins))
    return bins[most] < -70 ? 0 : Math.round((most * 8_000) / 4_096)
  })
}

/** Waits until something is heard. */
async function heard() {
  let hertz = 0
  for (let n = 0; n < 20 && hertz === 0; n++) hertz = await loudest()
  return hertz
}

/** Waits until nothing is heard. */
async function silence() {
  let hertz = 1
  for (let n = 0; n < 20 && hertz !== 0; n++) hertz = await loudest()
  return hertz
}
