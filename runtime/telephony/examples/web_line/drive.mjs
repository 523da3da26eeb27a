// Proves a line with Chromium: `node drive.mjs WEB_LINE_BINARY [--mdns]`, with playwright-core to be
// found (NODE_PATH or a node_modules above). Prints what was seen; fails if the voice did not pass.
import { spawn } from "node:child_process";
import { writeFileSync, mkdtempSync } from "node:fs";
import { createRequire } from "node:module";
import { tmpdir } from "node:os";
import { join } from "node:path";

const require = createRequire(process.env.PLAYWRIGHT_FROM ?? import.meta.url);
const { chromium } = require("playwright-core");

/** A WAV of one tone: 48 kHz, mono, 16 bit. */
function tone(hertz, seconds) {
  const samples = 48000 * seconds;
  const bytes = Buffer.alloc(44 + 2 * samples);
  bytes.write("RIFF", 0);
  bytes.writeUInt32LE(36 + 2 * samples, 4);
  bytes.write("WAVEfmt ", 8);
  bytes.writeUInt32LE(16, 16);
  bytes.writeUInt16LE(1, 20);
  bytes.writeUInt16LE(1, 22);
  bytes.writeUInt32LE(48000, 24);
  bytes.writeUInt32LE(96000, 28);
  bytes.writeUInt16LE(2, 32);
  bytes.writeUInt16LE(16, 34);
  bytes.write("data", 36);
  bytes.writeUInt32LE(2 * samples, 40);
  for (let n = 0; n < samples; n += 1) {
    bytes.writeInt16LE(Math.round(9000 * Math.sin((2 * Math.PI * hertz * n) / 48000)), 44 + 2 * n);
  }
  return bytes;
}

const [binary, ...flags] = process.argv.slice(2);
const folder = mkdtempSync(join(tmpdir(), "web-line-"));
const wav = join(folder, "tone.wav");
writeFileSync(wav, tone(440, 10));

const host = "127.0.0.1:8088";
const lines = [];
const server = spawn(binary, [host], { stdio: ["ignore", "pipe", "inherit"] });
server.stdout.setEncoding("utf8").on("data", (text) => lines.push(...text.trim().split("\n")));

async function until(what, so) {
  for (let tries = 0; tries < 200; tries += 1) {
    const found = await so();
    if (found) return found;
    await new Promise((done) => setTimeout(done, 100));
  }
  throw new Error(`in vain waited for ${what}; the line said:\n${lines.slice(-8).join("\n")}`);
}

/** Both sides hear the other's tone, from now on. */
async function both(page, what) {
  const from = lines.length;
  const line = await until(`${what}: the line hears 440 Hz`, () =>
    lines.slice(from).find((text) => /hears 440 Hz \((9[0-9]|100) %/.test(text)),
  );
  await until(`${what}: the page hears 1000 Hz`, async () => {
    const hertz = await page.evaluate(() => window.hears?.());
    return hertz > 990 && hertz < 1010;
  });
  const codec = await page.evaluate(() => window.codec());
  console.log(`${what}: ${line}\n  the page hears ${await page.evaluate(() => window.hears())} Hz`, codec);
  return codec;
}

let browser;
try {
  browser = await chromium.launch({
    executablePath: "/usr/bin/chromium",
    args: [
      "--no-sandbox",
      "--use-fake-ui-for-media-stream",
      "--use-fake-device-for-media-stream",
      `--use-file-for-fake-audio-capture=${wav}`,
      "--autoplay-policy=no-user-gesture-required",
      ...(flags.includes("--mdns") ? [] : ["--disable-features=WebRtcHideLocalIpsWithMdns"]),
    ],
  });
  await until("the server", () => lines.some((text) => text.startsWith("open ")));
  const page = await (await browser.newContext({ permissions: ["microphone"] })).newPage();
  page.on("pageerror", (error) => console.log("page:", error.message));

  await page.goto(`http://${host}/`);
  if ((await both(page, "Opus")).in !== "audio/opus") throw new Error("not Opus");
  console.log("candidates:", await page.evaluate(() => window.offer.match(/a=candidate.*/g)));
  console.log(await page.textContent("#log"));

  await page.evaluate(() => window.dtmf("159#"));
  await until("digits", () => lines.filter((text) => text.includes("Digit(")).length === 4);
  console.log("digits:", lines.filter((text) => text.includes("Digit(")).join(", "));

  await page.evaluate(() => window.restart());
  await both(page, "after an ICE restart");
  await page.reload();
  await both(page, "after a reload");
  await page.goto(`http://${host}/?pcmu`);
  if ((await both(page, "PCMU")).in !== "audio/PCMU") throw new Error("not PCMU");
  await page.evaluate(() => window.dtmf("7"));
  await until("a digit", () => lines.some((text) => text.includes("Digit('7')")));
  await page.goto(`http://${host}/?more`);
  await both(page, "with video and data offered");
  await until("a judgement", () => lines.at(-1).includes("loss_out: Some"));
  console.log(lines.at(-1));
  const events = lines.filter((text) => text.startsWith("event"));
  console.log(events.join("\n"));
} finally {
  await browser?.close();
  server.kill();
}
