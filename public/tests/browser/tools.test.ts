import { readFile } from "node:fs/promises";
import type { Page } from "playwright-core";
import { expect, test } from "vitest";
import { heldLecture } from "./support/api";
import { asTeacher, errorsOf, visit } from "./support/browser";
import { fixture } from "./support/fixture";

const made = fixture();

/** Presses a button that saves a file, and reads it. */
async function saved(page: Page, button: string): Promise<string> {
  const [file] = await Promise.all([page.waitForEvent("download"), page.getByRole("button", { name: button }).click()]);
  return readFile(await file.path(), "utf8");
}

test("a teacher creates a class and imports a roster with mistakes", async () => {
  const { server, browser } = made;
  const page = await visit(browser, server.url);
  await page.getByRole("button", { name: "New class" }).click();
  await page.getByLabel("Class id").fill("physics");
  await page.getByLabel("Title").fill("Physics 1");
  await page.getByRole("button", { name: "Create" }).click();
  await page.getByRole("button", { name: "Enter the class" }).click();
  await page.getByRole("button", { name: "Students" }).click();
  await page.getByRole("heading", { name: "0 students" }).waitFor();

  const paste = page.getByLabel("Or paste it");
  await paste.fill("id,name\ns-1,Asha Rao\n,Nobody\ns-1,Asha again");
  await page.getByRole("button", { name: "Check it" }).click();
  const mistakes = page.getByRole("alert");
  await mistakes.getByText("Line 3").waitFor();
  await mistakes.getByText("Line 4").waitFor();
  expect(await page.getByRole("button", { name: /^Import \d/ }).count()).toBe(0);

  await page.getByLabel("CSV file").setInputFiles({ name: "roster.csv", mimeType: "text/csv", buffer: Buffer.from("id;name\ns-1;देवांशी शर्मा\ns-2;Zoë Müller\n") });
  await page.getByRole("button", { name: "Check it" }).click();
  await page.getByText("2 students added").waitFor();
  await page.getByRole("button", { name: "Import 2 students" }).click();
  await page.getByRole("heading", { name: "2 students" }).waitFor();

  await page.getByRole("button", { name: "Remove Zoë Müller" }).click();
  await page.getByRole("dialog").getByRole("button", { name: "Remove" }).click();
  await page.getByRole("heading", { name: "1 student", exact: true }).waitFor();
  expect(errorsOf(page)).toEqual([]);
});

test("a corrected mark is in the list and in the CSV files", async () => {
  const { server, browser } = made;
  await heldLecture(server.url, "maths");
  const page = await visit(browser, asTeacher(server.url, "&view=sessions", "maths"), { acceptDownloads: true });
  await page.getByRole("button", { name: /Lecture/ }).click();
  await page.getByRole("button", { name: "Correct Søren Kierkegaard" }).click();
  const dialog = page.getByRole("dialog");
  await dialog.getByLabel("Status").selectOption("excused");
  await dialog.getByLabel("Reason").fill("Doctor’s note");
  await dialog.getByRole("button", { name: "Save" }).click();
  await page.getByText("Absent → Excused").waitFor();
  await page.getByText("“Doctor’s note”").waitFor();

  const session = await saved(page, "Save as CSV");
  expect(session).toMatch(/student-3,Søren Kierkegaard,excused/);

  await page.getByRole("button", { name: "Statistics" }).click();
  await page.getByRole("region", { name: "In total" }).getByText("100 %").waitFor();
  const all = await saved(page, "Save all sessions as CSV");
  expect(all.split("\r\n")[0]).toMatch(/Student ID,Name,\d{4}-\d\d-\d\d lecture/);
  expect(all).toMatch(/student-1,Asha Rao,present,1,1,0,0,0,100/);
  expect(errorsOf(page)).toEqual([]);
});

test("students below a threshold are listed", async () => {
  const { server, browser } = made;
  await heldLecture(server.url, "below");
  const page = await visit(browser, asTeacher(server.url, "&view=statistics", "below"));
  await page.getByText("1 student is under 75 %").waitFor();
  await page.getByRole("region", { name: "Below the threshold" }).getByText("Søren Kierkegaard").waitFor();
  await page.getByLabel("Under").fill("0");
  await page.getByText("No student is under 0 %").waitFor();
});

test("the QR code leads to the student view", async () => {
  const { server, browser } = made;
  const page = await visit(browser, asTeacher(server.url));
  await page.getByRole("button", { name: "QR code" }).click();
  const link = page.getByRole("dialog").getByRole("link");
  expect(await link.getAttribute("href")).toBe(`${server.url}/?role=student&class=demo`);
  await page.goto((await link.getAttribute("href")) ?? "");
  expect(await page.getByRole("radio", { name: /Student/ }).isChecked()).toBe(true);
});

test("a refusal is shown in the server's words", async () => {
  const { server, browser } = made;
  const page = await visit(browser, `${server.url}/?role=teacher&class=demo&user=somebody-else`);
  await page.getByRole("alert").first().waitFor();
  expect(await page.getByRole("alert").first().textContent()).toMatch(/Not authorized|Class not found/);
});
