// Looks at pages in a real browser: no violation of WCAG 2.2 AA, no error on the console, a picture each.
import { mkdirSync } from 'node:fs'
import { AxeBuilder } from '@axe-core/playwright'
import { chromium } from 'playwright-core'

const RULES = ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa']
// The browser writes down that a script which is looked at has mistakes: that is the answer that was asked for.
const OF_A_SCRIPT = /the server responded with a status of 422/
const FLAGS = ['--no-sandbox', '--disable-gpu', '--disable-quic', '--no-first-run', '--disable-sync',
  '--disable-background-networking', '--disable-component-update']

/**
 * Opens each of `names` in both languages and both schemes, and writes what it finds as a line of JSON.
 * Errors on pages that begin with `ours` count. `open(page, name)` goes there; `then(page, name, locale, colorScheme)` does something once it was looked at.
 */
export async function look({ folder, names, open, then = async () => {}, ours = '' }) {
  mkdirSync(folder, { recursive: true })
  const browser = await chromium.launch({ executablePath: process.env.CHROMIUM ?? '/usr/bin/chromium', args: FLAGS })
  for (const locale of ['en', 'ru']) {
    for (const colorScheme of ['light', 'dark']) {
      const context = await browser.newContext({ locale, colorScheme, viewport: { width: 1440, height: 900 } })
      const page = await context.newPage()
      // A debug build beside a compiler is slow; who waits for a mistake of his own wants to know it sooner.
      page.setDefaultTimeout(Number(process.env.PAGE_WAIT_MS ?? 90_000))
      const errors = []
      page.on('pageerror', (error) => errors.push(String(error)))
      page.on('console', (message) => message.type() === 'error' && !OF_A_SCRIPT.test(message.text()) && message.location().url.startsWith(ours) && errors.push(message.text()))
      for (const name of names) {
        await open(page, name)
        await page.screenshot({ path: `${folder}/${name}-${colorScheme}-${locale}.png` })
        const { violations } = await new AxeBuilder({ page }).withTags(RULES).analyze()
        const wrong = violations.map((one) => `${one.id}: ${one.nodes.map((node) => node.target).join(', ')}`)
        const heading = await page.locator('h1').innerText()
        console.log(JSON.stringify({ name, locale, colorScheme, heading, wrong, errors: errors.splice(0) }))
        await then(page, name, locale, colorScheme)
      }
      await context.close()
    }
  }
  await browser.close()
}

/** Waits until what fades in is there: what is half there has half the contrast. */
export async function settled(page) {
  await page.waitForTimeout(500)
}
