import type { Page } from "playwright-core";
import { io } from "socket.io-client";
import { expect, test } from "vitest";
import { api } from "./support/api";
import { asStudent, asTeacher, errorsOf, visit } from "./support/browser";
import { fixture } from "./support/fixture";

const made = fixture({ EVENT_RATE: "1000", EVENT_BURST: "2000" });

const STUDENTS = 500;
const UPDATES_PER_SECOND = 200;
const SECONDS = 5;

interface Seen { tasks: number[]; shift: number }

test("500 students at 200 updates a second shift no layout", async () => {
  const { server, browser } = made;
  const students = Array.from({ length: STUDENTS }, (_, i) => ({ id: `s-${i}`, name: `Student ${i}` }));
  await api(server.url, "/classes", "POST", { id: "big", name: "Big" });
  await api(server.url, "/classes/big/roster", "PUT", { students });
  await api(server.url, "/classes/big/sessions", "POST", { sessionType: "lecture" });

  const page = await visit(browser, asTeacher(server.url, "", "big"), { viewport: { width: 1280, height: 800 } });
  await page.locator(".tile button").nth(STUDENTS - 1).waitFor({ state: "attached" });
  await observe(page);
  const sent = await markAll(server.url);
  await page.locator(`.tile[data-status=late]`).nth(STUDENTS - 1).waitFor({ state: "attached" });
  const seen = await observed(page);
  process.stdout.write(`live roster: ${sent} updates on ${STUDENTS} tiles, ${inWords(seen)}, layout shift ${seen.shift}\n`);
  expect(seen.shift).toBe(0);
  expect(errorsOf(page)).toEqual([]);
});

test("lists of 1000 students filter at each key", async () => {
  const { server, browser } = made;
  const students = Array.from({ length: 1000 }, (_, i) => ({ id: `n-${i}`, name: `Student ${i}` }));
  await api(server.url, "/classes", "POST", { id: "long", name: "Long" });
  await api(server.url, "/classes/long/roster", "PUT", { students });
  await api(server.url, "/classes/long/sessions", "POST", { sessionType: "lecture" });
  const { sessions } = (await api(server.url, "/classes/long/sessions")) as { sessions: { id: number }[] };
  const lists = {
    "session report": { address: `&view=sessions&session=${sessions[0]?.id ?? 0}`, row: "tbody tr" },
    "roster": { address: "&view=roster", row: "tbody tr" },
    "live roster": { address: "", row: ".tile" },
  };
  for (const [name, { address, row }] of Object.entries(lists)) {
    const page = await visit(browser, asTeacher(server.url, address, "long"), { viewport: { width: 1280, height: 800 } });
    const rows = page.locator(row);
    await rows.nth(999).waitFor({ state: "attached" });
    await observe(page);
    const field = page.getByRole("searchbox", { name: "Find" });
    await field.pressSequentially("student 123", { delay: 40 });
    await expect.poll(() => rows.count()).toBe(1);
    for (let i = 0; i < "student 123".length; i++) await field.press("Backspace", { delay: 20 });
    await expect.poll(() => rows.count()).toBe(1000);
    process.stdout.write(`${name}: 22 keys on 1000 rows, ${inWords(await observed(page))}\n`);
    expect(errorsOf(page)).toEqual([]);
    await page.context().close();
  }
});

/** Notes the page's long tasks, which hold up the next frame, and its layout shifts. */
async function observe(page: Page): Promise<void> {
  await page.evaluate(() => {
    const seen: Seen = { tasks: [], shift: 0 };
    (globalThis as unknown as { seen: Seen }).seen = seen;
    new PerformanceObserver((list) => {
      for (const { duration } of list.getEntries()) seen.tasks.push(duration);
    }).observe({ type: "longtask" });
    new PerformanceObserver((list) => {
      for (const entry of list.getEntries()) seen.shift += (entry as unknown as { value: number }).value;
    }).observe({ type: "layout-shift" });
  });
}

const observed = (page: Page) => page.evaluate(() => (globalThis as unknown as { seen: Seen }).seen);
const inWords = ({ tasks }: Seen) => `${tasks.length} long tasks, longest ${Math.max(0, ...tasks).toFixed(0)} ms`;

/** Marks as the teacher over another connection: all students present, then late. */
async function markAll(url: string): Promise<number> {
  const socket = io(url, { transports: ["websocket"] });
  await socket.emitWithAck("identify", { userId: "teacher-1", role: "teacher" });
  const total = UPDATES_PER_SECOND * SECONDS;
  const acks: Promise<{ success: boolean }>[] = [];
  await new Promise<void>((resolve) => {
    const timer = setInterval(() => {
      for (let i = 0; i < UPDATES_PER_SECOND / 20 && acks.length < total; i++) {
        const status = acks.length < STUDENTS ? "present" : "late";
        acks.push(socket.emitWithAck("attendanceMarked", { classId: "big", studentId: `s-${acks.length % STUDENTS}`, status, sessionType: "lecture" }) as Promise<{ success: boolean }>);
      }
      if (acks.length === total) {
        clearInterval(timer);
        resolve();
      }
    }, 50);
  });
  const replies = await Promise.all(acks);
  expect(replies.filter((reply) => !reply.success)).toEqual([]);
  socket.disconnect();
  return replies.length;
}

test("the student's page loads less than 150 kB of compressed JavaScript", async () => {
  const { server, browser } = made;
  const page = await visit(browser, asStudent(server.url, 1));
  await page.getByText("Waiting for your teacher").waitFor();
  const scripts = await page.evaluate(() =>
    (performance.getEntriesByType("resource") as PerformanceResourceTiming[])
      .filter(({ name }) => name.endsWith(".js"))
      .map(({ encodedBodySize }) => encodedBodySize),
  );
  const size = scripts.reduce((sum, each) => sum + each, 0);
  process.stdout.write(`first load: ${(size / 1000).toFixed(1)} kB of JavaScript in ${scripts.length} files\n`);
  expect(size).toBeGreaterThan(0);
  expect(size).toBeLessThan(150_000);
});
