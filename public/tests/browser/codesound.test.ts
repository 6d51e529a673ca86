import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import start from "ggwave";
import type { Page } from "playwright-core";
import { afterAll, beforeAll, expect, test } from "vitest";
import { RATE as CODE_RATE } from "../../src/sound/code/messages";
import { api } from "./support/api";
import { asStudent, startBrowser, visit } from "./support/browser";
import { pink, power, randomFrom, speech, withNoise } from "./support/noise";
import { startServer, type Server } from "./support/server";
import { RATE, wavOf } from "./support/wav";

// CODES=100 makes the measurement of docs/performance.md of these tests.
const CODES = Number(process.env.CODES ?? 2);
/** How much longer to listen than the recording is, in seconds. On a busy machine a browser may miss some of it; then it is repeated. */
const GRACE = process.env.CODES ? 5 : 60;
/** How long each code is repeated, in seconds, and the silence between two repetitions. */
const EACH = 6;
const PAUSE = 0.6;
const DECIBELS = 5;
const ALPHABET = "23456789ABCDEFGHJKMNPQRSTVWXYZ";

let server: Server;
let directory: string;
beforeAll(async () => {
  server = await startServer();
  directory = await mkdtemp(join(tmpdir(), "attendance-code-"));
  await api(server.url, "/classes/demo/sessions", "POST", { sessionType: "lecture", proof: "code" });
});
afterAll(async () => {
  await server.stop();
  await rm(directory, { recursive: true, force: true });
});

const random = randomFrom(1);
const randomCode = () => Array.from({ length: 6 }, () => ALPHABET[Math.floor(random() * ALPHABET.length)]).join("");

/** The codes one after the other, each from somewhere in its repetition on, and the power of their sound. */
async function played(codes: readonly string[]): Promise<{ sound: Float32Array; power: number }> {
  const ggwave = await start({ print: () => undefined, printErr: () => undefined });
  const instance = ggwave.init({ ...ggwave.getDefaultParameters(), sampleRateOut: CODE_RATE });
  const sound = new Float32Array(codes.length * EACH * RATE);
  let loud = 0;
  for (const [n, code] of codes.entries()) {
    const one = new Float32Array(ggwave.encode(instance, code, ggwave.ProtocolId.GGWAVE_PROTOCOL_AUDIBLE_NORMAL, 50).slice().buffer);
    loud = power(one);
    const cycle = one.length + PAUSE * RATE;
    const from = Math.floor(random() * cycle);
    for (let i = 0; i < EACH * RATE; i++) sound[n * EACH * RATE + i] = one[(i + from) % cycle] ?? 0;
  }
  return { sound, power: loud };
}

/** What the page's field for the code shows, one after the other, while the microphone hears this. */
async function enteredWhileHearing(sound: Float32Array, until: (entered: readonly string[]) => boolean): Promise<string[]> {
  const file = join(directory, "heard.wav");
  await writeFile(file, wavOf(sound));
  const browser = await startBrowser("--use-fake-device-for-media-stream", "--use-fake-ui-for-media-stream", `--use-file-for-fake-audio-capture=${file}`);
  try {
    const page = await visit(browser, asStudent(server.url, 1), { permissions: ["microphone"] });
    await page.getByRole("button", { name: "Listen for the code" }).click();
    const entered: string[] = [];
    const field = page.getByLabel("The code that is shown in class");
    const end = Date.now() + (sound.length / RATE + GRACE) * 1000;
    while (!until(entered) && Date.now() < end) {
      const value = await changed(page, await field.inputValue(), entered.at(-1));
      if (value) entered.push(value);
    }
    return entered;
  } finally {
    await browser.close();
  }
}

/** The field's next value, or nothing within a second. */
async function changed(page: Page, value: string, last: string | undefined): Promise<string> {
  if (value && value !== last) return value;
  const handle = await page.waitForFunction(
    (known) => {
      const { value: now } = document.querySelector<HTMLInputElement>(".code-field") ?? { value: "" };
      return now !== known && now;
    },
    value,
    { timeout: 1000, polling: 50 },
  ).catch(() => undefined);
  return handle ? String(await handle.jsonValue()) : "";
}

test.each([
  { noise: "pink noise", make: (length: number) => pink(length, random) },
  { noise: "noise like speech", make: (length: number) => speech(length, RATE, random) },
])("codes are heard through $noise", { timeout: (CODES * EACH + 120) * 1000 }, async ({ noise, make }) => {
  const codes = Array.from({ length: CODES }, randomCode);
  const { sound, power: loud } = await played(codes);
  const entered = await enteredWhileHearing(withNoise(sound, loud, make(sound.length), DECIBELS), (known) => codes.every((code) => known.includes(code)));
  const heard = codes.filter((code) => entered.includes(code)).length;
  process.stdout.write(`${heard} of ${CODES} codes heard through ${noise}, ${DECIBELS} dB below, within ${EACH} s each\n`);
  expect(entered.filter((code) => !codes.includes(code))).toEqual([]);
  expect(heard).toBeGreaterThanOrEqual(0.95 * CODES);
});
