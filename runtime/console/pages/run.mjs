// Looks at every page in a real browser: no violation of WCAG 2.2 AA, no error on the console, a picture each.
//
// node pages/run.mjs ADDRESS USER PASSWORD TENANT FOLDER; one line of JSON for each page on standard output.
import { look, settled } from './look.mjs'

const [address, user, password, tenant, folder] = process.argv.slice(2)
const PAGES = ['signin', 'wallboard', 'interactions', 'interaction', 'rerun', 'contacts', 'contact', 'report', 'flows', 'flow', 'steps',
  'simulator', 'scenarios', 'versions', 'difference', 'mistake', 'plugins', 'plugin', 'confirm', 'users', 'audit', 'entry',
  'account']

await look({
  folder,
  names: PAGES,
  open,
  async then(page, name, locale, colorScheme) {
    if (name === 'mistake') await (locale === 'en' && colorScheme === 'light' ? publish(page) : discard(page))
    if (name === 'confirm' && locale === 'ru' && colorScheme === 'dark') await takeBack(page)
  },
})

/** Takes the mistake back, writes something better, and lets it serve. */
async function publish(page) {
  await page.locator('.cm-content').click()
  // More often than there is something to undo does no harm.
  for (let n = 0; n < 5; n++) await page.keyboard.press('Control+z')
  await page.locator('.cm-lint-marker-error').waitFor({ state: 'detached' })
  await page.keyboard.press('Control+Home')
  await page.keyboard.type('// looked at\n')
  await page.getByLabel('What has changed').fill('said so')
  await page.getByRole('button', { name: 'Publish' }).click()
  await page.getByRole('tab', { name: 'Versions' }).click()
  await page.getByText('said so').waitFor({ timeout: 60_000 })
  await page.locator('button[aria-pressed=true]', { hasText: 'Version 2' }).waitFor()
}

/** Takes the mistake back, which was kept meanwhile. */
async function discard(page) {
  await page.getByRole('button', { name: /^(Discard changes|Отменить правки)$/ }).click()
  await page.locator('.cm-lint-marker-error').waitFor({ state: 'detached' })
}

/** Does what the open question asks: the candidate that is tried is taken back. */
async function takeBack(page) {
  await page.getByRole('dialog').getByRole('button', { name: 'Откатить' }).click()
  await page.getByText('снят', { exact: true }).waitFor()
  console.log(JSON.stringify({ taken_back: await page.getByText('by hand').count() }))
}

/** Changes what an agent is doing, back and forth from one look at the page to the next. */
async function changeState(page) {
  const state = page.getByRole('button', { name: /^bob: / })
  const before = await state.getAttribute('aria-label')
  await state.click()
  const wanted = /(Not ready|Не готов)$/.test(before) ? /^(Logged out|Не в системе)$/ : /^(Not ready|Не готов)$/
  await page.getByRole('menuitem', { name: wanted }).click()
  await page.locator(`[aria-label="${before}"]`).waitFor({ state: 'detached' })
  await page.locator('[role=menu]').waitFor({ state: 'detached' })
}

/** Looks at the script in another way. */
async function studio(page, name) {
  const tabs = ['graph', 'steps', 'simulator', 'scenarios', 'versions', 'difference']
  await page.getByRole('tab').nth(tabs.indexOf(name)).click()
  const panel = page.getByRole('tabpanel')
  if (name === 'steps') {
    // A step leads to its line, and is the one that is looked at.
    const step = panel.getByRole('button', { name: 'enqueue' })
    await step.click()
    await page.locator('.flow-marked', { hasText: 'enqueue' }).waitFor()
    await panel.locator('button[aria-pressed=true]', { hasText: 'enqueue' }).waitFor()
  }
  if (name === 'simulator') {
    await panel.getByRole('button', { name: /^(served|обслужен)$/ }).click()
    await panel.getByText(/^(The script hung up|Сценарий положил трубку)/).waitFor()
  }
  if (name === 'scenarios') await panel.getByText(/^(No scenarios yet|Проверок ещё нет)/).waitFor()
  if (name === 'versions') await panel.getByRole('button', { name: /^(Version|Версия) 1$/ }).waitFor()
  if (name === 'difference') await panel.getByRole('combobox').waitFor()
}

/** Goes to a page as somebody would: by the form, the links and a row of the list. */
async function open(page, name) {
  if (name === 'signin') {
    await page.goto(`${address}/t/${tenant}/wallboard`)
    await page.waitForURL('**/signin**')
    return
  }
  if (name === 'wallboard') {
    await page.locator('input[autocomplete=username]').fill(user)
    await page.locator('input[type=password]').fill(password)
    await page.keyboard.press('Enter')
    await page.waitForURL('**/wallboard')
    await page.locator('table').first().waitFor()
    await page.locator('[role=status]', { hasText: /Live|На связи/ }).waitFor()
    await changeState(page)
    return
  }
  if (name === 'interaction') {
    await page.locator('table a').first().click()
    await page.waitForURL('**/interactions/*')
    await page.locator('[class*=Timeline-item]').first().waitFor()
    await page.getByRole('button', { name: /^(Listen|Прослушать)$/ }).click()
    await page.getByRole('slider').waitFor()
    await page.getByRole('heading', { name: /^(Why this agent|Почему этот оператор)$/ }).waitFor()
    return
  }
  if (name === 'rerun') {
    await page.getByRole('link', { name: /^(Play this caller again|Сыграть этого клиента)/ }).click()
    await page.getByText(/^(The script hung up|Сценарий положил трубку)/).waitFor()
    return
  }
  if (name === 'contact') {
    await page.locator('table a').first().click()
    await page.getByRole('textbox').fill('wants fibre')
    await page.locator('form button[type=submit]').click()
    // It is empty again once the note is kept.
    await page.waitForFunction(() => document.querySelector('textarea').value === '')
    await page.getByText('wants fibre').first().waitFor()
    return
  }
  if (name === 'flow') {
    await page.locator('table a').first().click()
    await page.locator('.cm-content').waitFor()
    await page.locator('.flow-node').first().waitFor()
    return
  }
  if (['steps', 'simulator', 'scenarios', 'versions', 'difference'].includes(name)) {
    await studio(page, name)
    return
  }
  if (name === 'mistake') {
    await page.getByRole('tab').first().click()
    await page.locator('.cm-content').click()
    await page.keyboard.press('Control+Home')
    await page.keyboard.type('let = 1;\n')
    await page.locator('.cm-lint-marker-error').waitFor()
    return
  }
  if (name === 'plugin') {
    await page.locator('table a').first().click()
    await page.waitForURL('**/plugins/*')
    await page.getByText(/p-/).first().waitFor()
    return
  }
  if (name === 'confirm') {
    await page.getByRole('button', { name: /^(Roll back|Откатить)$/ }).click()
    await page.getByRole('dialog').waitFor()
    await settled(page)
    return
  }
  if (name === 'users') {
    // The question stays unanswered.
    await page.keyboard.press('Escape')
    await page.getByRole('dialog').waitFor({ state: 'detached' })
  }
  if (name === 'entry') {
    // The note that was added to the contact.
    await page.locator('table tr', { hasText: /^.*(Add a note|Добавление заметки)/ }).first().getByRole('button').click()
    await page.getByRole('dialog').locator('table').waitFor()
    await settled(page)
    return
  }
  if (name === 'account') {
    await page.keyboard.press('Escape')
    await page.getByRole('dialog').waitFor({ state: 'detached' })
    await page.getByRole('button', { name: 'Olga', exact: true }).click()
    await page.getByRole('menuitem', { name: /^(Account|Учётная запись)$/ }).click()
    await page.waitForURL('**/account')
    await page.locator('[role=menu]').waitFor({ state: 'detached' })
    await page.locator('form').waitFor()
    return
  }
  await page.locator(`nav a[href$="/${name}"]`).click()
  await page.waitForURL(`**/${name}`)
  await page.locator('table').first().waitFor()
}
