import type { Browser } from "playwright-core";
import { afterAll, beforeAll, expect, test } from "vitest";
import { asStudent, asTeacher, complaintsOf, startBrowser, visit, watch } from "./support/browser";
import { startServer, type Server } from "./support/server";

let server: Server;
let browser: Browser;
beforeAll(async () => {
  [server, browser] = await Promise.all([startServer(), startBrowser()]);
});
afterAll(async () => {
  await browser.close();
  await server.stop();
});

test("somebody enters as a teacher and as a student, and both see the same lesson", async () => {
  const teacher = await visit(browser, server.url);
  await teacher.getByRole("radio", { name: /Teacher/ }).check();
  await teacher.getByRole("button", { name: "Enter the class" }).click();
  await teacher.getByText("Online").waitFor();

  const student = await visit(browser, asStudent(server.url, 1));
  await student.getByText("Waiting for your teacher").waitFor();

  await teacher.getByRole("button", { name: "Start the lecture" }).click();
  await student.getByRole("button", { name: "I am here" }).click();
  await student.getByText("Present", { exact: true }).waitFor();
  await teacher.locator(".tile", { hasText: "Asha Rao" }).and(teacher.locator("[data-status=present]")).waitFor();
  await teacher.getByText("of 12 here").waitFor();

  await teacher.getByRole("button", { name: "End the lecture" }).click();
  await teacher.getByRole("dialog").getByRole("button", { name: "End it" }).click();
  await student.getByText("The session has ended").waitFor();
  expect([...complaintsOf(teacher), ...complaintsOf(student)]).toEqual([]);
});

test("two tabs of one student agree", async () => {
  const teacher = await visit(browser, asTeacher(server.url, "&type=lab"));
  await teacher.getByRole("button", { name: "Start the lab" }).click();

  const first = await visit(browser, asStudent(server.url, 2));
  const second = await watch(await first.context().newPage(), asStudent(server.url, 2));
  const lab = second.getByRole("region", { name: "Lab" });
  await lab.getByRole("button", { name: "I am here" }).waitFor();
  await first.getByRole("button", { name: "I am here" }).click();
  await lab.getByText("Present", { exact: true }).waitFor();
});
