// An agent and a supervisor in two real browsers, and who hears whom: one line of JSON for each step on standard output.
//
// node pages/ears.mjs ADDRESS AGENT SUPERVISOR TONE-OF-AGENT.wav TONE-OF-SUPERVISOR.wav; passwords are `NAME's password`.
import { listenTo, signIn, speaking } from './voice.mjs'

const [address, agent, supervisor, agentTone, supervisorTone] = process.argv.slice(2)
const TONES = [440, 620, 1_000]
/** How long each phase lasts, so that the telephone's recording can be told apart, in milliseconds. */
const PHASE_MS = 5_000

const say = (step, more = {}) => console.log(JSON.stringify({ step, at: Date.now(), ...more }))
const [one, other] = [await open(agent, agentTone), await open(supervisor, supervisorTone)]
await one.getByRole('button', { name: 'Ready', exact: true }).click()
await one.locator('[role=status]', { hasText: /^Ready$/ }).waitFor()
say('ready')
await one.locator('[data-desk=accept]').click()
await one.getByText('in progress', { exact: true }).waitFor()
await other.locator('nav a[href$="/agents"]').click()
await phase('alone')
await choose('Listen')
await phase('listen')
for (const how of ['Whisper', 'Speak']) {
  await other.getByText(how, { exact: true }).click()
  await phase(how.toLowerCase())
}
await other.getByRole('button', { name: 'Take over' }).click()
await other.getByText('You talk with the customer').waitFor()
await phase('take over')
await other.getByRole('button', { name: 'Hang up' }).click()
await other.getByText('You talk with the customer').waitFor({ state: 'detached' })
say('done')
process.exit(0)

async function open(user, tone) {
  const browser = await speaking(tone)
  const context = await browser.newContext({ locale: 'en', permissions: ['microphone'] })
  await listenTo(context)
  const page = await context.newPage()
  page.setDefaultTimeout(60_000)
  await signIn(page, address, user, `${user}'s password`)
  await page.locator('nav a[href$="/desk"]').click()
  await page.getByText('Voice on', { exact: true }).waitFor()
  return page
}

async function choose(how) {
  await other.getByRole('button', { name: /^Take part in the conversation/ }).click()
  await other.getByRole('menuitem', { name: how }).click()
  await other.getByText('You listen').waitFor()
}

/** What both hear, from a while after the change on. */
async function phase(step) {
  const until = Date.now() + PHASE_MS
  await one.waitForTimeout(1_500)
  const [agentHears, supervisorHears] = await Promise.all([tones(one), tones(other)])
  say(step, { agent: agentHears, supervisor: supervisorHears })
  await one.waitForTimeout(Math.max(0, until - Date.now()))
}

/** Which of the tones the newest connection brings. */
function tones(page) {
  return page.evaluate(async (wanted) => {
    const context = new AudioContext({ sampleRate: 8_000 })
    const analyser = context.createAnalyser()
    analyser.fftSize = 4_096
    analyser.smoothingTimeConstant = 0
    const track = window.peers.at(-1).getReceivers()[0].track
    context.createMediaStreamSource(new MediaStream([track])).connect(analyser)
    await new Promise((later) => setTimeout(later, 1_200))
    const bins = new Float32Array(analyser.frequencyBinCount)
    analyser.getFloatFrequencyData(bins)
    await context.close()
    const loud = (hertz) => Math.max(...[-2, -1, 0, 1, 2].map((by) => bins[Math.round((hertz * 4_096) / 8_000) + by]))
    return wanted.filter((hertz) => loud(hertz) > -55)
  }, TONES)
}
