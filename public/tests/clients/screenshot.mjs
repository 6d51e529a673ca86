// Takes docs/teacher.png, the teacher's live page during a session of the demo class: `make screenshot`.
// The names of the demo class need fonts for Latin, Cyrillic, Arabic, Devanagari and Tamil (Debian: fonts-dejavu, fonts-lohit-deva, fonts-lohit-taml).
import { fileURLToPath } from "node:url";
import { setTimeout as after } from "node:timers/promises";
import { chromium } from "playwright-core";
import { Client } from "./client.mjs";
import { Server } from "./server.mjs";

const FILE = fileURLToPath(new URL("../../../docs/teacher.png", import.meta.url));
const CONNECTED = 11;
const PRESENT = [1, 4, 2, 7, 5, 3, 10];
const PAUSE = 4000; // between two marks, so that the curve has a shape

const server = await Server.start({ DEMO: "true" });
const browser = await chromium.launch({ executablePath: process.env.CHROMIUM ?? "/usr/bin/chromium", args: ["--no-sandbox"] });
const students = [];
try {
  const page = await browser.newPage({ viewport: { width: 1280, height: 816 }, reducedMotion: "reduce", colorScheme: "light" });
  await page.goto(`${server.url}/?role=teacher&class=demo&user=teacher-1&name=Ms%20Iyer`);
  for (let i = 1; i <= CONNECTED; i++) students.push(await join(`student-${i}`));
  await page.getByRole("button", { name: "Start the lecture" }).click();
  await page.locator(".tile button").first().waitFor();
  for (const number of PRESENT) {
    await after(PAUSE);
    await students[number - 1].ask("attendanceMarked", { classId: "demo", studentId: `student-${number}`, studentName: "", sessionType: "lecture" });
  }
  await page.getByRole("radio", { name: "Late" }).check();
  await after(PAUSE);
  await page.locator(".tile", { hasText: "Søren" }).getByRole("button").click();
  await page.getByText("is late").waitFor();
  await page.getByRole("button", { name: "Close" }).click();
  await page.screenshot({ path: FILE });
  console.log(FILE);
} finally {
  for (const student of students) student.close();
  await browser.close();
  await server.remove();
}

async function join(userId) {
  const student = await Client.connect(server);
  await student.ask("identify", { userId, role: "student" });
  await student.ask("joinClass", { userId, classId: "demo" });
  return student;
}
