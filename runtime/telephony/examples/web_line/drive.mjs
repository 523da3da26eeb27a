// Proves a line with Chromium: `node drive.mjs WEB_LINE_BINARY`, with playwright-core to be found from
// the folder PLAYWRIGHT_FROM. Prints what was seen; fails if the voice did not pass.
import { spawn } from "node:child_process";
import { createSocket } from "node:dgram";
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

/** Carries datagrams between browsers and the line, as a NAT in front of it does; `away` drops them. */
function nat(outside, inside, port) {
  const out = createSocket("udp4");
  const ways = new Map();
  const state = { away: false };
  out.on("message", (data, { address, port: from }) => {
    if (state.away) return;
    const key = `${address}:${from}`;
    let way = ways.get(key);
    if (!way) {
      way = createSocket("udp4");
      way.on("message", (answer) => state.away || out.send(answer, from, address));
      ways.set(key, way);
    }
    way.send(data, port, inside);
  });
  out.bind(port, outside);
  state.close = () => [out, ...ways.values()].forEach((socket) => socket.close());
  return state;
}

const [binary] = process.argv.slice(2);
const folder = mkdtempSync(join(tmpdir(), "web-line-"));
const wav = join(folder, "tone.wav");
writeFileSync(wav, tone(440, 10));

const host = "127.0.0.1:8088";
const lines = [];
const udp = ["--udp", "127.0.0.1:41998", "--advertise", "127.0.0.2"];
const network = nat("127.0.0.2", "127.0.0.1", 41998);
const server = spawn(binary, [host, ...udp], { stdio: ["ignore", "pipe", "inherit"] });
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
  network.away = true;
  const left = Date.now();
  await until("the loss of the network", () => lines.at(-1) === "event Lost" || lines.includes("hears nothing"));
  await new Promise((done) => setTimeout(done, 30_000 - (Date.now() - left)));
  network.away = false;
  const back = Date.now();
  await both(page, "after 30 s without network");
  console.log(`  the voice was back after ${Date.now() - back} ms`, await page.textContent("#log"));
  const stranger = await (await browser.newContext()).newPage();
  await stranger.goto(`http://${host}/?deaf`);
  await until("a page without a microphone hears 1000 Hz", () =>
    stranger.evaluate(() => Math.abs(window.hears?.() - 1000) < 10),
  );
  console.log("hidden:", await stranger.evaluate(() => window.offer.match(/a=candidate.*/g)));
  await stranger.close();
  await page.reload();
  await both(page, "after another page");
  await until("a judgement", () => lines.at(-1).includes("loss_out: Some"));
  console.log(lines.at(-1));
  const events = lines.filter((text) => text.startsWith("event"));
  console.log(events.join("\n"));
} finally {
  await browser?.close();
  server.kill();
  network.close();
}
