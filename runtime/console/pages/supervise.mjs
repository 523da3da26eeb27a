// Looks at the supervisor's pages, and does what a supervisor does there, as far as it can by keys alone.
//
// node pages/supervise.mjs ADDRESS USER PASSWORD TENANT FOLDER; one line of JSON for each page on standard output. Three
// contacts wait in the queue `support`, there is a queue `vip` besides, and there is a recording. FOLDER also has the
// report as a table.
import { look, settled } from './look.mjs'

const [address, user, password, tenant, folder] = process.argv.slice(2)
const PAGES = ['wallboard', 'formula', 'limits', 'alarm', 'recovered', 'tv', 'queue', 'moved', 'closing', 'agents', 'recordings', 'compared']
const STEPS = { wallboard, formula, limits, alarm, recovered, tv, queue, moved, closing, agents, recordings, compared }

await look({
  folder,
  names: PAGES,
  open: (page, name) => STEPS[name](page),
  async then(page, name, locale, colorScheme) {
    if (name === 'tv') {
      await page.keyboard.press('Escape')
      await page.waitForURL('**/wallboard')
    }
    if (name === 'formula' || name === 'closing') await page.keyboard.press('Escape')
    if (name === 'moved') await undo(page)
    if (name === 'compared' && colorScheme === 'light') await files(page, locale)
  },
})

function support(page) {
  return page.getByRole('region', { name: 'support', exact: true })
}

/** What the page told outside of itself: notifications by their title, and the tones by their frequency. */
function overhear() {
  window.told = []
  window.tones = []
  window.Notification = class {
    static permission = 'granted'
    static requestPermission = async () => 'granted'
    constructor(title, { body }) {
      window.told.push(`${title}: ${body}`)
    }
  }
  const start = OscillatorNode.prototype.start
  OscillatorNode.prototype.start = function (...when) {
    window.tones.push(this.frequency.value)
    return start.apply(this, when)
  }
}

async function wallboard(page) {
  await page.addInitScript(overhear)
  await page.goto(`${address}/t/${tenant}/wallboard`)
  await page.locator('input[autocomplete=username]').fill(user)
  await page.locator('input[type=password]').fill(password)
  await page.keyboard.press('Enter')
  await page.waitForURL('**/wallboard')
  await page.locator('[role=status]', { hasText: /Live|На связи/ }).first().waitFor()
  await support(page).getByText(/T = /).waitFor()
}

/** The formula of the service level opens by a key. */
async function formula(page) {
  const button = support(page).getByRole('button', { name: /SL6, T = / })
  await button.focus()
  await page.keyboard.press('Enter')
  await page.getByText('SL6 = A≤T /(A+B−B_s)').waitFor()
  await settled(page)
}

async function limits(page) {
  await page.getByText('SL6 = A≤T /(A+B−B_s)').waitFor({ state: 'detached' })
  await support(page).getByRole('button', { name: /Thresholds|Пороги/ }).focus()
  await page.keyboard.press('Enter')
  await page.getByRole('dialog').waitFor()
  await settled(page)
}

/** More than two wait: that is an alarm, in words on the tile and in the list, and told once by both ways. */
async function alarm(page) {
  await page.keyboard.press('Escape')
  await page.getByRole('dialog').waitFor({ state: 'detached' })
  for (const way of [/^(Sound|Звук)$/, /^(Desktop|Уведомления)/]) {
    await page.getByRole('switch', { name: way }).focus()
    await page.keyboard.press('Space')
  }
  await page.evaluate(() => window.tones.splice(0))
  await limit(page, '2')
  await support(page).getByText(/^(3 waiting, more than 2|В очереди 3, больше 2)$/).waitFor()
  await page.getByRole('log').getByText(/more than 2|больше 2/).waitFor()
  await heard(page, /waiting, more than 2|В очереди 3/, [660, 880])
}

/** With a limit that is not crossed it is over: told once too. */
async function recovered(page) {
  await limit(page, '3')
  await support(page).getByText(/more than|В очереди 3/).waitFor({ state: 'detached' })
  await page.getByRole('log').getByText(/^(recovered|в норме)$/).waitFor()
  await heard(page, /number waiting is within|Число ожидающих снова/, [660, 440])
}

/** Sets how many may wait in `support`. */
async function limit(page, count) {
  await support(page).getByRole('button', { name: /Thresholds|Пороги/ }).focus()
  await page.keyboard.press('Enter')
  await page.getByRole('dialog').getByLabel(/Waiting more|В очереди больше/).fill(count)
  await page.keyboard.press('Enter')
  await page.getByRole('dialog').waitFor({ state: 'detached' })
}

/** Whether exactly this was told since the last time. */
async function heard(page, what, tones) {
  await page.waitForFunction((count) => window.tones.length >= count, tones.length)
  const [told, sounded] = await page.evaluate(() => [window.told.splice(0), window.tones.splice(0)])
  const right = told.filter((text) => text.startsWith('support: ') && what.test(text)).length === 1
  if (!right || sounded.join() !== tones.join()) throw new Error(`told ${JSON.stringify({ told, sounded })}`)
}

async function tv(page) {
  await limit(page, '2')
  await page.getByRole('link', { name: /TV mode|Режим ТВ/ }).focus()
  await page.keyboard.press('Enter')
  await page.waitForURL('**/wall/tv')
  await page.locator('[role=status]', { hasText: /Live|На связи/ }).waitFor()
  await page.getByText(/Needs attention|Требует внимания/).first().waitFor()
}

async function queue(page) {
  await page.getByRole('link', { name: 'support', exact: true }).focus()
  await page.keyboard.press('Enter')
  await page.waitForURL('**/queues/support')
  await page.locator('tbody tr', { hasText: '+3712' }).nth(2).waitFor()
}

/** The last in line is served first, and then moved to another queue. */
async function moved(page) {
  const waiting = page.locator('tbody tr', { hasText: '+3712' })
  const who = await waiting.nth(2).getByRole('link').first().innerText()
  const act = async (name) => {
    await page.getByRole('button', { name: `${who}: ` }).focus()
    await page.keyboard.press('Enter')
    await page.getByRole('menuitem', { name, exact: true }).click()
    await page.getByRole('menu').waitFor({ state: 'detached' })
  }
  await act(/^(To the front|В начало очереди)$/)
  await waiting.first().getByText(who).waitFor()
  await act('vip')
  await page.getByText(/was moved to vip|переведён в очередь vip/).waitFor()
  await waiting.nth(2).waitFor({ state: 'detached' })
  await settled(page)
}

/** It comes back where it was. */
async function undo(page) {
  await page.getByRole('button', { name: /^(Undo|Отменить)$/ }).focus()
  await page.keyboard.press('Enter')
  await page.locator('tbody tr', { hasText: '+3712' }).nth(2).waitFor()
  console.log(JSON.stringify({ undone: true }))
}

async function closing(page) {
  await page.getByRole('button', { name: /^support: (Close|Закрыть)$/ }).focus()
  await page.keyboard.press('Enter')
  await page.getByRole('dialog').waitFor()
  await settled(page)
}

async function agents(page) {
  await page.getByRole('dialog').waitFor({ state: 'detached' })
  await page.locator('nav a[href$="/agents"]').click()
  await page.waitForURL('**/agents')
  await page.locator('tbody tr').first().waitFor()
}

/** A recording is drawn, and is gone through by keys. */
async function recordings(page) {
  await page.locator('nav a[href$="/recordings"]').click()
  await page.waitForURL('**/recordings')
  // The page before stays until this one is fetched, and has a table too.
  await page.getByRole('heading', { level: 1, name: /^(Recordings|Записи)/ }).waitFor()
  await page.locator('tbody button').first().click()
  const slider = page.getByRole('slider')
  await slider.waitFor()
  await page.getByText('1.5×', { exact: true }).click()
  await page.waitForFunction(() => document.querySelector('audio').playbackRate === 1.5)
  await slider.focus()
  await page.keyboard.press('End')
  await page.waitForFunction(() => {
    const slider = document.querySelector('[role=slider]')
    return Number(slider.ariaValueNow) > 0 && slider.ariaValueNow === slider.ariaValueMax
  })
  await page.keyboard.press('ArrowLeft')
  await page.waitForFunction(() => {
    const slider = document.querySelector('[role=slider]')
    return slider.ariaValueNow !== slider.ariaValueMax
  })
  const drawn = await page.evaluate(() => {
    const { width, height } = document.querySelector('canvas')
    const pixels = document.querySelector('canvas').getContext('2d').getImageData(0, 0, width, height).data
    return new Set(Array.from(pixels, (_, at) => (at % 4 === 0 && pixels[at + 3] === 255 ? pixels.slice(at, at + 3).join() : ''))).size
  })
  // Two channels, each in two colours, and what is empty.
  if (drawn < 4) throw new Error(`the waveform has ${drawn} colours`)
}

async function compared(page) {
  await page.locator('nav a[href$="/report"]').click()
  await page.waitForURL('**/report')
  await page.getByRole('textbox', { name: /Compare with|Сравнить с/ }).or(page.getByRole('combobox', { name: /Compare with|Сравнить с/ })).first().click()
  await page.getByRole('option', { name: /Previous|Предыдущий/ }).click()
  await page.getByText(/^(was|было) /).first().waitFor()
  await settled(page)
}

/** Both files come, as the reader's language has them. */
async function files(page, locale) {
  for (const [name, end] of [[/As CSV|В CSV/, 'csv'], [/As Excel|В Excel/, 'xlsx']]) {
    const [file] = await Promise.all([page.waitForEvent('download'), page.getByRole('button', { name }).click()])
    await file.saveAs(`${folder}/report-${locale}.${end}`)
  }
}
