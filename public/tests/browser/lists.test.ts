import type { Page } from "playwright-core";
import { beforeAll, expect, test } from "vitest";
import { api } from "./support/api";
import { asStudent, asTeacher, errorsOf, visit } from "./support/browser";
import { fixture } from "./support/fixture";
import { looks } from "./support/looks";

const made = fixture();
const STUDENTS = [
  { id: "s-10", name: "Zoë Müller", status: "present" },
  { id: 9, name: "Bo Lindqvist", status: "absent" },
  { id: "s-9", name: "Asha Rao", status: "late" },
  { id: "s-2", name: "Émile Zola", status: "present" },
] as const;

let session = 0;
beforeAll(async () => {
  const { url } = made.server;
  await api(url, "/classes", "POST", { id: "lists", name: "Mathematics 1" });
  await api(url, "/classes", "POST", { id: "unnamed" });
  await api(url, "/classes/lists/roster", "PUT", { students: STUDENTS.map(({ id, name }) => ({ id, name })) });
  await api(url, "/classes/lists/sessions", "POST", { sessionType: "lecture" });
  for (const { id, status } of STUDENTS) {
    if (status !== "absent") await api(url, "/classes/lists/marks", "POST", { sessionType: "lecture", studentId: id, status });
  }
  const { sessions } = (await api(url, "/classes/lists/sessions")) as { sessions: { id: number }[] };
  session = sessions[0]?.id ?? 0;
});

interface List {
  address: () => string;
  rows: (page: Page) => Promise<string[]>;
  sort: (page: Page, column: string) => Promise<void>;
  orders: Record<string, readonly string[]>;
}

const byHeader = async (page: Page, column: string) => page.getByRole("columnheader", { name: column }).getByRole("button").click();
const idsOfRows = (page: Page) => page.locator("tbody .cell-id").allTextContents();
const byName = ["s-9", "9", "s-2", "s-10"];
const byId = ["9", "s-2", "s-9", "s-10"];

const LISTS: Record<string, List> = {
  "the session report": {
    address: () => asTeacher(made.server.url, `&view=sessions&session=${session}`, "lists"),
    rows: idsOfRows, sort: byHeader,
    orders: { Name: byName, Id: byId, Status: ["s-2", "s-10", "s-9", "9"] },
  },
  "the roster": {
    address: () => asTeacher(made.server.url, "&view=roster", "lists"),
    rows: idsOfRows, sort: byHeader,
    orders: { Name: byName, Id: byId },
  },
  "the live roster": {
    address: () => asTeacher(made.server.url, "", "lists"),
    rows: async (page) => (await page.locator(".tile-name").allTextContents()).map((name) => String(STUDENTS.find((student) => student.name === name)?.id)),
    sort: async (page, column) => {
      await page.getByLabel("Sort by").selectOption(column.toLowerCase());
    },
    orders: { Id: byId, Status: ["s-2", "s-10", "s-9", "9"], Name: byName },
  },
};

for (const [name, { address, rows, sort, orders }] of Object.entries(LISTS)) {
  test(`${name} sorts and filters`, async () => {
    const page = await visit(made.browser, address());
    await expect.poll(() => rows(page)).toEqual(byName);
    for (const [column, ids] of Object.entries(orders)) {
      if (column !== "Name" || (await rows(page))[0] !== ids[0]) await sort(page, column);
      await expect.poll(() => rows(page), { message: column }).toEqual(ids);
    }
    const field = page.getByRole("searchbox", { name: "Find" });
    await field.pressSequentially("muller");
    await expect.poll(() => rows(page)).toEqual(["s-10"]);
    await field.fill("9");
    await expect.poll(async () => (await rows(page)).toSorted()).toEqual(["9", "s-9"]);
    await field.fill("no such student");
    await page.getByText("No student matches").waitFor();
    await field.fill("");
    await expect.poll(async () => (await rows(page)).length).toBe(STUDENTS.length);
    expect(errorsOf(page)).toEqual([]);
  });
}

test("a table says how it is sorted, and the keyboard sorts it", async () => {
  const page = await visit(made.browser, asTeacher(made.server.url, `&view=sessions&session=${session}`, "lists"));
  const sorted = () => page.getByRole("columnheader").evaluateAll((headers) => headers.map((header) => header.getAttribute("aria-sort")));
  await expect.poll(sorted).toEqual(["ascending", "none", "none", null]);
  const status = page.getByRole("columnheader", { name: "Status" }).getByRole("button");
  await status.press("Enter");
  await expect.poll(sorted).toEqual(["none", "none", "ascending", null]);
  await status.press("Space");
  await expect.poll(sorted).toEqual(["none", "none", "descending", null]);
  await expect.poll(() => idsOfRows(page)).toEqual(["9", "s-9", "s-2", "s-10"]);
  await page.getByRole("searchbox", { name: "Find" }).fill("present");
  await page.getByText("2 of 4 students").waitFor();
  expect(await looks(page, "list-report")).toEqual([]);
});

test("the header shows the class's name, or its id if it has none", async () => {
  const { url } = made.server;
  for (const address of [asTeacher(url, "", "lists"), asStudent(url, 1, "", "lists")]) {
    const page = await visit(made.browser, address);
    await page.getByRole("heading", { level: 1, name: "Mathematics 1 lists" }).waitFor();
    await expect.poll(() => page.title()).toBe("Mathematics 1 · NeuraCampus Attendance");
  }
  const unnamed = await visit(made.browser, asTeacher(url, "", "unnamed"));
  await unnamed.getByRole("button", { name: "Start the lecture" }).waitFor();
  await unnamed.getByRole("heading", { level: 1, name: "unnamed", exact: true }).waitFor();
});
