import { readFile } from "node:fs/promises";
import type { Page } from "playwright-core";
import { beforeAll, expect, test } from "vitest";
import { api } from "./support/api";
import { errorsOf, visit } from "./support/browser";
import { fixture } from "./support/fixture";
import { looks } from "./support/looks";
import { SECRET, tokenOf } from "./support/token";

const made = fixture({ JWT_SECRET: SECRET });
const PAGE = 100;
const COURSES = 104;
const teacher = { token: tokenOf("teacher-1", "teacher") };

/** More classes than a page has. One of them has a lecture that has ended. With the demo class it is one more. */
beforeAll(async () => {
  const { url } = made.server;
  const admin = { token: tokenOf("registrar", "admin") };
  for (let i = 1; i <= COURSES; i++) {
    await api(url, "/classes", "POST", { id: `course-${String(i).padStart(3, "0")}`, name: `Physics ${i}`, ownerId: i === 7 ? "boris" : "gita" }, admin);
  }
  const students = ["Asha Rao", "Zoë Müller"].map((name, i) => ({ id: `student-${i + 1}`, name }));
  await api(url, "/classes", "POST", { id: "maths", name: "Mathematics 1" }, teacher);
  await api(url, "/classes/maths/roster", "PUT", { students }, teacher);
  await api(url, "/classes/maths/sessions", "POST", { sessionType: "lecture" }, teacher);
  await api(url, "/classes/maths/marks", "POST", { sessionType: "lecture", studentId: "student-1" }, teacher);
  await api(url, "/classes/maths/sessions/end", "POST", { sessionType: "lecture" }, teacher);
});

/** Signs in as an administrator. */
async function enter(): Promise<Page> {
  const page = await visit(made.browser, `${made.server.url}/?role=admin`);
  await page.getByRole("radio", { name: /Administrator/ }).check();
  await page.getByLabel("Administrator id").fill("registrar");
  await page.getByLabel("Token").fill(tokenOf("registrar", "admin"));
  await page.getByRole("button", { name: "See all classes" }).click();
  return page;
}

const rows = (page: Page) => page.getByRole("main").getByRole("listitem");

async function find(page: Page, words: string): Promise<void> {
  await page.getByRole("searchbox", { name: "Find a class or a teacher" }).fill(words);
  await page.getByRole("button", { name: "Find" }).click();
}

test("an administrator goes through all classes and finds some", async () => {
  const page = await enter();
  await page.getByText(`${COURSES + 2} classes`).waitFor();
  expect(await rows(page).count()).toBe(PAGE);
  await page.getByRole("button", { name: "Next →" }).click();
  await expect.poll(() => rows(page).count()).toBe(COURSES + 2 - PAGE);
  expect(await page.getByRole("button", { name: "Next →" }).isDisabled()).toBe(true);
  expect(await looks(page, "admin-classes")).toEqual([]);
  await page.getByRole("button", { name: "← Previous" }).click();
  await expect.poll(() => rows(page).count()).toBe(PAGE);

  for (const [words, found] of [["physics 10", 6], ["MATHS", 1], ["boris", 1]] as const) {
    await find(page, words);
    await page.getByText(`with “${words}”`).waitFor();
    await expect.poll(() => rows(page).count()).toBe(found);
  }
  await find(page, "no such class");
  await page.getByText("No class matches.").waitFor();
  expect(await looks(page, "admin-nothing")).toEqual([]);
  expect(errorsOf(page)).toEqual([]);
});

test("an administrator sees who has not taken attendance today", async () => {
  const page = await enter();
  await page.getByRole("button", { name: "Not taken today" }).click();
  await page.getByText(`${COURSES + 1} classes`).waitFor();
  await page.getByText("Owner gita").first().waitFor();
  await find(page, "maths");
  await page.getByText("No class matches.").waitFor();
  await find(page, "boris");
  await rows(page).getByText("Owner boris").waitFor();
  expect(await looks(page, "admin-today")).toEqual([]);
  expect(errorsOf(page)).toEqual([]);
});

test("an administrator manages the teachers of a class and archives it", async () => {
  const page = await enter();
  await find(page, "physics 7");
  await rows(page).getByRole("button", { name: /Physics 7 course-007/ }).click();
  const teachers = page.getByRole("region", { name: "Teachers" });
  await teachers.getByLabel("Id of another teacher").fill("divya");
  await teachers.getByRole("button", { name: "Add", exact: true }).click();
  await teachers.getByRole("button", { name: "Hand over to divya" }).click();
  await page.getByRole("dialog").getByText("The owner so far goes on teaching the class.").waitFor();
  await page.getByRole("dialog").getByRole("button", { name: "Hand over", exact: true }).click();
  await teachers.getByRole("button", { name: "Remove boris" }).waitFor();
  await page.getByRole("region", { name: "What students see" }).getByRole("radio", { name: /Only themselves/ }).check();
  await page.getByRole("region", { name: "What students see" }).getByRole("button", { name: "Save" }).click();
  await page.getByText("Saved.").waitFor();

  await page.getByRole("button", { name: "Archive" }).click();
  await page.getByRole("dialog").getByRole("button", { name: "Archive" }).click();
  await page.getByText("The class can be read, but nobody can enter it.").waitFor();
  expect(await looks(page, "admin-class")).toEqual([]);
  await page.getByRole("button", { name: "← All classes" }).click();
  await rows(page).getByText("Archived").waitFor();
  await rows(page).getByRole("button", { name: /Archived/ }).click();
  await page.getByRole("button", { name: "Take back into use" }).click();
  await page.getByRole("button", { name: "Enter the class" }).click();
  await page.getByRole("button", { name: "Start the lecture" }).waitFor();
  expect(errorsOf(page)).toEqual([]);
});

test("an administrator corrects a mark, and the history says so", async () => {
  const page = await enter();
  await find(page, "maths");
  await rows(page).getByRole("button", { name: /Mathematics 1/ }).click();
  await page.getByRole("button", { name: /Lecture/ }).click();
  await page.getByRole("button", { name: "Correct Zoë Müller" }).click();
  await page.getByLabel("Status").selectOption("excused");
  await page.getByLabel("Reason").fill("was at the registrar's office");
  await page.getByRole("dialog").getByRole("button", { name: "Save" }).click();
  await page.getByText("“was at the registrar's office”, registrar (administrator) at").waitFor();
  expect(await looks(page, "admin-session")).toEqual([]);
  expect(errorsOf(page)).toEqual([]);
});

test("a student is erased only with the id typed again", async () => {
  const page = await enter();
  await page.getByRole("button", { name: "Student data" }).click();
  await page.getByLabel("Student id").fill("student-12");
  const [file] = await Promise.all([page.waitForEvent("download"), page.getByRole("button", { name: "Download the data" }).click()]);
  expect(JSON.parse(await readFile(await file.path(), "utf8"))).toMatchObject({ studentId: "student-12" });

  await page.getByRole("button", { name: "Erase …" }).click();
  const dialog = page.getByRole("dialog", { name: "Erase student-12?" });
  const erase = dialog.getByRole("button", { name: "Erase" });
  await dialog.getByLabel("Type student-12 to confirm").fill("student-1");
  expect(await erase.isDisabled()).toBe(true);
  expect(await looks(page, "admin-erase")).toEqual([]);
  await dialog.getByLabel("Type student-12 to confirm").fill("student-12");
  await erase.click();
  await page.getByText("student-12 is erased.").waitFor();
  const { students } = (await api(made.server.url, "/classes/demo/roster", "GET", undefined, teacher)) as { students: { id: string }[] };
  expect(students.map(({ id }) => id)).not.toContain("student-12");

  await page.getByLabel("Student id").fill("student-12");
  const [empty] = await Promise.all([page.waitForEvent("download"), page.getByRole("button", { name: "Download the data" }).click()]);
  expect(JSON.parse(await readFile(await empty.path(), "utf8"))).toMatchObject({ rosters: [], marks: [], changes: [] });
});

test("a teacher's token opens no administrator's view", async () => {
  const page = await visit(made.browser, `${made.server.url}/?role=admin`);
  await page.getByRole("radio", { name: /Administrator/ }).check();
  await page.getByLabel("Token").fill(teacher.token);
  await page.getByRole("button", { name: "See all classes" }).click();
  await page.getByRole("alert").getByText("Only an administrator can list all classes").waitFor();
});
