// A real browser with a voice: its microphone is a tone, and what its connections bring can be listened to.
import { chromium } from 'playwright-core'

const FLAGS = ['--no-sandbox', '--disable-gpu', '--disable-quic', '--no-first-run', '--disable-sync',
  '--disable-background-networking', '--disable-component-update',
  '--use-fake-ui-for-media-stream', '--use-fake-device-for-media-stream', '--autoplay-policy=no-user-gesture-required']

/** Starts a browser that speaks this tone, a WAV file. */
export function speaking(tone) {
  const args = [...FLAGS, `--use-file-for-fake-audio-capture=${tone}`]
  return chromium.launch({ executablePath: process.env.CHROMIUM ?? '/usr/bin/chromium', args })
}

/** Keeps each page's connections as `window.peers`. */
export function listenTo(context) {
  return context.addInitScript(() => {
    const Own = window.RTCPeerConnection
    window.peers = []
    window.RTCPeerConnection = class extends Own {
      constructor(...all) {
        super(...all)
        window.peers.push(this)
      }
    }
  })
}

/** Signs in by name and password. */
export async function signIn(page, address, user, password) {
  await page.goto(address)
  await page.locator('input[autocomplete=username]').fill(user)
  await page.locator('input[type=password]').fill(password)
  await page.keyboard.press('Enter')
}
