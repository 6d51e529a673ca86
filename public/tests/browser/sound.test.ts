import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Page } from "playwright-core";
import { afterAll, beforeAll, expect, test } from "vitest";
import { api } from "./support/api";
import { asStudent, asTeacher, startBrowser, visit } from "./support/browser";
import { startServer, type Server } from "./support/server";
import { wav } from "./support/wav";

const TONES = [1200, 1800];

let server: Server;
let directory: string;
beforeAll(async () => {
  server = await startServer();
  directory = await mkdtemp(join(tmpdir(), "attendance-sound-"));
  await api(server.url, "/classes/demo/sessions", "POST", { sessionType: "lecture", frequency: TONES });
});
afterAll(async () => {
  await server.stop();
  await rm(directory, { recursive: true, force: true });
});

/** Plays tones into a student's microphone. */
async function hearing(student: number, tones: readonly number[], check: (page: Page) => Promise<void>): Promise<void> {
  const file = join(directory, `${student}.wav`);
  await writeFile(file, wav(tones));
  const browser = await startBrowser("--use-fake-device-for-media-stream", "--use-fake-ui-for-media-stream", `--use-file-for-fake-audio-capture=${file}`);
  try {
    const page = await visit(browser, asStudent(server.url, student), { permissions: ["microphone"] });
    await page.getByRole("button", { name: "Listen for the tones" }).click();
    await check(page);
  } finally {
    await browser.close();
  }
}

test("the teacher's tones mark a student", () =>
  hearing(1, TONES, (page) => page.getByText("Present", { exact: true }).waitFor()));

test("other tones do not mark", () =>
  hearing(2, [1200, 2100], async (page) => {
    await page.getByText("not the teacher’s tones").waitFor();
    expect(await page.getByRole("button", { name: "I am here" }).isEnabled()).toBe(true);
  }));

test("silence does not mark", () =>
  hearing(3, [], async (page) => {
    await page.getByText("It is silent").waitFor();
    expect(await page.getByRole("button", { name: "I am here" }).isEnabled()).toBe(true);
  }));

test("without a microphone the page says why and keeps the button", async () => {
  const browser = await startBrowser();
  const page = await visit(browser, asStudent(server.url, 4));
  await page.getByRole("button", { name: "Listen for the tones" }).click();
  await page.getByText(/microphone (was not allowed|does not work)|no microphone/).waitFor();
  await page.getByRole("button", { name: "I am here" }).click();
  await page.getByText("Present", { exact: true }).waitFor();
  await browser.close();
});

test("a page over plain http from another machine says why there is no microphone", async () => {
  const open = await startServer({ HOST: "0.0.0.0", OPEN_MODE: "true" });
  const browser = await startBrowser("--host-resolver-rules=MAP attendance.test 127.0.0.1");
  try {
    await api(open.url, "/classes/demo/sessions", "POST", { sessionType: "lecture", frequency: TONES });
    const page = await visit(browser, asStudent(open.url.replace("127.0.0.1", "attendance.test"), 1));
    await page.getByText("only to pages that come over https, and this one came over http").waitFor();
    expect(await page.getByRole("button", { name: "Listen for the tones" }).count()).toBe(0);
    await page.getByRole("button", { name: "I am here" }).click();
    await page.getByText("Present", { exact: true }).waitFor();
  } finally {
    await browser.close();
    await open.stop();
  }
});

test("the teacher's device chooses tones, the class receives them", async () => {
  const browser = await startBrowser("--autoplay-policy=no-user-gesture-required");
  const teacher = await visit(browser, asTeacher(server.url, "&type=lab"));
  await teacher.getByRole("button", { name: "Start the lab" }).click();
  const student = await visit(browser, asStudent(server.url, 5));
  await teacher.getByRole("button", { name: "Play tones" }).click();
  await teacher.getByText(/Playing \d{4}, \d{4}, \d{4} Hz/).waitFor();
  await student.getByRole("region", { name: "Lab" }).getByRole("button", { name: "Listen for" }).waitFor();
  await teacher.getByRole("button", { name: "Stop the tones" }).click();
  await browser.close();
});
