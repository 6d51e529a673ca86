import type { Page } from "playwright-core";
import { expect, test } from "vitest";
import { api } from "./support/api";
import { asStudent, asTeacher, errorsOf, visit, watch } from "./support/browser";
import { fixture } from "./support/fixture";
import { looks } from "./support/looks";

const made = fixture({ CODE_PERIOD: "60s" });

/** A class of three students, whose sessions have rules. */
async function classWithRules(id: string, rules: Record<string, unknown>): Promise<void> {
  const { url } = made.server;
  await api(url, "/classes", "POST", { id, name: "Mathematics 1" });
  const students = ["Asha Rao", "Zoë Müller", "Søren Kierkegaard"].map((name, i) => ({ id: `student-${i + 1}`, name }));
  await api(url, `/classes/${id}/roster`, "PUT", { students });
  await api(url, `/classes/${id}`, "PATCH", rules);
}

/** The ids of the device that a page sends with marks from now on. */
function devicesSentBy(page: Page): string[] {
  const sent: string[] = [];
  const read = (text: string) => {
    const device = /attendanceMarked.*"deviceId":"([^"]*)"/.exec(text)?.[1];
    if (device) sent.push(device);
  };
  page.on("websocket", (socket) => socket.on("framesent", ({ payload }) => read(String(payload))));
  page.on("request", (request) => read(request.postData() ?? ""));
  return sent;
}

const present = (page: Page) => page.getByText("Present", { exact: true }).waitFor();

test("a lesson with code, late students, and two students on one device", async () => {
  const { server, browser } = made;
  await classWithRules("lesson", { proof: "code", lateAfter: 1 });
  const teacher = await visit(browser, asTeacher(server.url, "", "lesson"));
  await teacher.getByRole("button", { name: "Start the lecture" }).click();
  const shownCode = async () => ((await teacher.locator(".code").getAttribute("aria-label")) ?? "").replace("Code ", "").replaceAll(" ", "");
  const markWith = async (student: Page) => {
    await student.getByLabel("The code that is shown in class").fill(await shownCode());
    await student.getByRole("button", { name: "I am here" }).click();
  };

  const asha = await visit(browser, asStudent(server.url, 1, "", "lesson"));
  await asha.getByText(/You are marked as Asha Rao. Late from/).waitFor();
  await markWith(asha);
  await present(asha);
  const soren = await visit(browser, asStudent(server.url, 3, "", "lesson")); // on a device of their own
  await soren.getByText("You are marked as Søren").waitFor();
  await markWith(soren);
  await present(soren);

  // A minute after the start, in another tab of Asha's browser.
  const { sessions } = (await api(server.url, "/classes/lesson/sessions")) as { sessions: { lateAt: string }[] };
  const zoe = await watch(await asha.context().newPage(), asStudent(server.url, 2, "", "lesson"));
  await zoe.waitForFunction((at) => Date.now() > at, Date.parse(sessions[0]?.lateAt ?? ""), { timeout: 90_000, polling: 500 });
  await markWith(zoe);
  await zoe.getByText("Late", { exact: true }).waitFor();

  const flags = teacher.getByRole("region", { name: "Flags" });
  await flags.getByText("Asha Rao and Zoë Müller").waitFor();
  await flags.getByText(/2 students marked themselves on one device, \d\d:\d\d/).waitFor();
  await teacher.locator(".tile[data-status=late]", { hasText: "Zoë Müller" }).getByText("flagged").waitFor();
  expect(await teacher.locator(".tile", { hasText: "Søren" }).getByText("flagged").count()).toBe(0);
  expect(await looks(teacher, "teacher-flag")).toEqual([]);
  expect(await zoe.getByText(/flag/i).count()).toBe(0);

  await flags.getByRole("button", { name: "Dismiss the flag of Asha Rao and Zoë Müller" }).click();
  const dialog = teacher.getByRole("dialog");
  await dialog.getByLabel("Reason").fill("Zoë’s phone is broken");
  expect(await looks(teacher, "teacher-flag-dismissal")).toEqual([]);
  await dialog.getByRole("button", { name: "Dismiss" }).click();
  await flags.waitFor({ state: "detached" });
  await teacher.getByRole("button", { name: "Sessions" }).click();
  await teacher.getByRole("button", { name: /Lecture/ }).first().click();
  await flags.getByText(/Dismissed: “Zoë’s phone is broken”, teacher-1 at/).waitFor();
  expect(await looks(teacher, "teacher-session-flags")).toEqual([]);
  expect([teacher, asha, zoe, soren].flatMap(errorsOf)).toEqual([]);
}, 240_000);

test("the page keeps the id of the device until the storage is cleared", async () => {
  const { server, browser } = made;
  await classWithRules("device", {});
  for (const sessionType of ["lecture", "lab"]) await api(server.url, "/classes/device/sessions", "POST", { sessionType });
  const asha = await visit(browser, asStudent(server.url, 1, "", "device"));
  const zoe = await asha.context().newPage();
  const sent = [devicesSentBy(asha), devicesSentBy(zoe)];
  const mark = (page: Page, type: string) => page.getByRole("region", { name: type }).getByRole("button", { name: "I am here" }).click();
  await asha.reload(); // the connection before was not watched
  await mark(asha, "Lecture");
  await watch(zoe, asStudent(server.url, 2, "", "device"));
  await mark(zoe, "Lecture");
  await present(asha);
  await present(zoe);
  await zoe.evaluate(() => localStorage.clear());
  await zoe.reload();
  await mark(zoe, "Lab");
  await zoe.getByRole("region", { name: "Lab" }).getByText("Present", { exact: true }).waitFor();
  const [first, second = [], [kept, cleared] = second] = sent;
  expect(first).toEqual([kept]);
  expect(kept).toMatch(/^[0-9a-f]{32}$/);
  expect(cleared).toMatch(/^[0-9a-f]{32}$/);
  expect(cleared).not.toBe(kept);
});

test("a browser that forbids storage marks all the same", async () => {
  const { server, browser } = made;
  await classWithRules("forbidden", {});
  await api(server.url, "/classes/forbidden/sessions", "POST", { sessionType: "lecture" });
  const context = await browser.newContext();
  await context.addInitScript(() => {
    for (const name of ["localStorage", "sessionStorage"]) {
      Object.defineProperty(window, name, {
        get: () => {
          throw new DOMException("Access is denied for this document.", "SecurityError");
        },
      });
    }
  });
  const student = await context.newPage();
  const sent = devicesSentBy(student);
  await watch(student, asStudent(server.url, 1, "", "forbidden"));
  await student.getByRole("button", { name: "I am here" }).click();
  await present(student);
  expect(sent).toHaveLength(1);
  expect(errorsOf(student)).toEqual([]);
});
