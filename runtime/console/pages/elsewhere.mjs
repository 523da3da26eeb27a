// Signs in by another provider of identity in a real browser, and looks at the pages on the way.
//
// node pages/elsewhere.mjs ADDRESS BUTTON KNOWN UNKNOWN FOLDER; one line of JSON for each page on standard output.
import { look } from './look.mjs'

const [address, button, known, unknown, folder] = process.argv.slice(2)

await look({ folder, names: ['elsewhere', 'not-let-in', 'let-in'], open, ours: address })

async function open(page, name) {
  if (name === 'elsewhere') {
    await page.goto(`${address}/signin?to=%2Ft%2Facme%2Fusers`)
    await page.getByRole('link', { name: new RegExp(button) }).waitFor()
    return
  }
  await page.context().clearCookies()
  await page.goto(`${address}/signin?to=%2Ft%2Facme%2Fusers`)
  await page.getByRole('link', { name: new RegExp(button) }).click()
  // The provider's own form, which is not looked at.
  await page.locator('input[name=login]').fill(name === 'let-in' ? known : unknown)
  await page.locator('input[name=password]').fill('any')
  await page.locator('button[type=submit]').click()
  await page.locator('input[name=prompt][value=consent]').waitFor({ state: 'attached' })
  await page.locator('button[type=submit]').click()
  if (name === 'let-in') {
    await page.waitForURL('**/t/acme/users')
    await page.locator('table').first().waitFor()
    return
  }
  await page.waitForURL('**/signin?refused=oidc-unknown')
  await page.getByRole('alert').waitFor()
}
