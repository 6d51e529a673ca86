import { mkdtempSync } from "node:fs";
import { rename, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, expect, test } from "vitest";
import { asStudent, asTeacher, visit } from "./support/browser";
import { fixture } from "./support/fixture";

const directory = mkdtempSync(join(tmpdir(), "attendance-unavailable-"));
const data = join(directory, "data");
afterAll(() => rm(directory, { recursive: true, force: true }));
const made = fixture({ DATA_DIR: data });

test("a mark made while the database is away is recorded when it is back", async () => {
  const { server, browser } = made;
  const teacher = await visit(browser, asTeacher(server.url));
  await teacher.getByRole("button", { name: "Start the lecture" }).click();
  const student = await visit(browser, asStudent(server.url, 2));
  await student.getByRole("button", { name: "I am here" }).waitFor();

  const refusals: string[] = [];
  const note = (text: string) => {
    if (text.includes("database_unavailable")) refusals.push(text);
  };
  student.on("websocket", (socket) => socket.on("framereceived", ({ payload }) => note(String(payload))));
  await student.reload(); // now with every WebSocket watched
  await student.getByRole("button", { name: "I am here" }).waitFor();
  await student.getByText("No session has ended yet.").waitFor(); // the page has read everything that it needs the database for
  await rename(data, `${data}.away`);
  await expect.poll(async () => (await fetch(`${server.url}/readyz`)).status, { timeout: 30_000 }).toBe(503);
  await student.getByRole("button", { name: "I am here" }).click();
  await expect.poll(() => refusals.length, { timeout: 30_000 }).toBeGreaterThan(1);
  expect(await student.getByRole("alert").allInnerTexts()).toEqual([]);
  await rename(`${data}.away`, data);
  await student.getByText("Present", { exact: true }).waitFor();
});
