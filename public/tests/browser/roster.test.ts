import type { Page } from "playwright-core";
import { expect, test } from "vitest";
import { api } from "./support/api";
import { asTeacher, errorsOf, visit } from "./support/browser";
import { fixture } from "./support/fixture";
import { looks } from "./support/looks";

const made = fixture();

/** The roster's page of a class that was just made. */
async function rosterOf(classId: string): Promise<Page> {
  await api(made.server.url, "/classes", "POST", { id: classId });
  return visit(made.browser, asTeacher(made.server.url, "&view=roster", classId));
}

async function choose(page: Page, file: string | Buffer): Promise<void> {
  await page.getByLabel("CSV file").setInputFiles({ name: "roster.csv", mimeType: "text/csv", buffer: Buffer.from(file) });
  await page.getByRole("button", { name: "Check it" }).click();
}

async function stored(classId: string): Promise<string[]> {
  const { students } = (await api(made.server.url, `/classes/${classId}/roster`)) as { students: { id: string | number; name: string }[] };
  return students.map(({ id, name }) => `${id} ${name}`);
}

test("a Moodle file in Latin-1 is read without title and total", async () => {
  const page = await rosterOf("moodle");
  await choose(page, Buffer.from("Kurs: Physik\nNachname;Vorname;Matrikelnummer\nMuñoz;Zoë;11\nSumme;;1\n", "latin1"));
  await page.getByText("1 student added").waitFor();
  await page.getByText("Line 1 was left out as a title: “Kurs: Physik”.").waitFor();
  await page.getByText("Line 4 was left out as a total: “Summe”.").waitFor();
  expect(await page.getByLabel("Column 3, Matrikelnummer").inputValue()).toBe("id");
  expect(await looks(page, "roster-columns")).toEqual([]);
  expect(await stored("moodle")).toEqual([]);
  await page.getByRole("button", { name: "Import 1 student" }).click();
  await page.getByRole("heading", { name: "1 student", exact: true }).waitFor();
  expect(await stored("moodle")).toEqual(["11 Zoë Muñoz"]);
  expect(errorsOf(page)).toEqual([]);
});

test("columns in another order are found by their header", async () => {
  const page = await rosterOf("swapped");
  await choose(page, "Student,Roll No\nMira Solberg,11\n");
  await page.getByRole("button", { name: "Import 1 student" }).click();
  await page.getByRole("heading", { name: "1 student", exact: true }).waitFor();
  expect(await stored("swapped")).toEqual(["11 Mira Solberg"]);
});

test("unknown columns are refused, then chosen by keyboard", async () => {
  const page = await rosterOf("unknown");
  await choose(page, "Foo,Bar,Baz\nMira,11,Solberg\n");
  await page.getByRole("alert").getByText("Line 1 has “Foo”, “Bar”, “Baz”; it looks like a header").waitFor();
  expect(await page.getByRole("button", { name: /^Import \d/ }).count()).toBe(0);
  expect(await looks(page, "roster-unknown-columns")).toEqual([]);

  await page.getByLabel("Column 2, Bar").focus();
  await page.keyboard.press("I");
  for (const column of ["Column 1, Foo", "Column 3, Baz"]) {
    await page.getByLabel(column).focus();
    await page.keyboard.type("Na");
  }
  await page.getByRole("button", { name: "Check it" }).press("Enter");
  await page.getByRole("button", { name: "Import 1 student" }).press("Enter");
  await page.getByRole("heading", { name: "1 student", exact: true }).waitFor();
  expect(await stored("unknown")).toEqual(["11 Mira Solberg"]);
});

test("ids that a spreadsheet damaged are refused with advice", async () => {
  const page = await rosterOf("destroyed");
  await choose(page, "id,name\n1E+11,Mira\n");
  await page.getByRole("alert").getByRole("listitem").getByText("1E+11 is what Excel makes of a long number; format the column as text and type the id again").waitFor();
  expect(await stored("destroyed")).toEqual([]);
});

test("ids that look alike cause a warning before the import", async () => {
  const page = await rosterOf("alike");
  await choose(page, "id,name\nab1,Mira\nAB1,Bo\n");
  await page.getByText("Line 3: the id “AB1” differs from “ab1” in line 2 only in capital and small letters").waitFor();
  expect(await stored("alike")).toEqual([]);
});
