import { expect, test } from "vitest";
import { api } from "./support/api";
import { asStudent, asTeacher, errorsOf, visit, watch } from "./support/browser";
import { fixture } from "./support/fixture";

const made = fixture();

test("a session with three students, one of them offline for a while", async () => {
  const { server, browser } = made;
  const teacher = await visit(browser, server.url);
  await teacher.getByRole("radio", { name: /Teacher/ }).check();
  await teacher.getByRole("button", { name: "Enter the class" }).click();
  await teacher.getByRole("button", { name: "Start the lecture" }).waitFor();

  const asha = await visit(browser, asStudent(server.url, 1));
  const zoe = await visit(browser, asStudent(server.url, 4));
  const soren = await visit(browser, asStudent(server.url, 12));
  await asha.getByText("Waiting for your teacher").waitFor();
  await teacher.locator(".tile [data-connected=true]").nth(2).waitFor();

  await teacher.getByRole("button", { name: "Start the lecture" }).click();
  await asha.getByRole("button", { name: "I am here" }).click();
  await asha.getByText("Present", { exact: true }).waitFor();
  const tile = (name: string) => teacher.locator(".tile", { hasText: name });
  await tile("Asha Rao").and(teacher.locator("[data-status=present]")).waitFor();

  // Offline: the mark is kept and is sent once after the reconnect.
  const sent: string[] = [];
  zoe.on("websocket", (socket) => socket.on("framesent", ({ payload }) => sent.push(String(payload))));
  zoe.on("request", (request) => sent.push(request.postData() ?? ""));
  await zoe.getByRole("button", { name: "I am here" }).waitFor();
  await zoe.context().setOffline(true);
  await zoe.getByText("Offline", { exact: true }).waitFor();
  await zoe.getByRole("button", { name: "I am here" }).click();
  await zoe.getByText("Your mark is sent once").waitFor();
  await zoe.context().setOffline(false);
  await zoe.getByText("Present", { exact: true }).waitFor();
  await tile("Zoë Müller").and(teacher.locator("[data-status=present]")).waitFor();
  expect(sent.filter((frame) => frame.includes("attendanceMarked"))).toHaveLength(1);

  // The teacher marks by a click, and undoes it.
  await teacher.getByRole("radio", { name: "Late" }).check();
  await tile("Søren").getByRole("button").click();
  await soren.getByText("Late", { exact: true }).waitFor();
  await teacher.getByRole("button", { name: "Undo" }).click();
  await soren.getByRole("button", { name: "I am here" }).click();
  await soren.getByRole("alert").getByText("The teacher has set this mark").waitFor();

  await teacher.getByRole("button", { name: "End the lecture" }).click();
  await teacher.getByRole("dialog").getByText("10 students will stay absent").waitFor();
  await teacher.getByRole("dialog").getByRole("button", { name: "End it" }).click();
  await soren.getByText("you were not marked").waitFor();
  const summary = teacher.getByRole("region", { name: "Summary" });
  await summary.getByText("10 students are missing").waitFor();
  await summary.getByText("Søren Kierkegaard").waitFor();

  await teacher.getByRole("button", { name: "Reopen" }).click();
  await soren.getByRole("button", { name: "I am here" }).waitFor();
  expect([teacher, asha, zoe, soren].flatMap(errorsOf)).toEqual([]);
});

test("a student who comes from another class sees the sessions of this class alone", async () => {
  const { server, browser } = made;
  for (const [id, sessionType] of [["before", "lab"], ["now", "lecture"]]) {
    await api(server.url, "/classes", "POST", { id });
    await api(server.url, `/classes/${id}/sessions`, "POST", { sessionType });
  }
  const student = await visit(browser, asStudent(server.url, 9, "", "before"));
  await student.getByRole("region", { name: "Lab" }).waitFor();
  await student.goto(asStudent(server.url, 9, "", "now"));
  await student.getByRole("region", { name: "Lecture" }).waitFor();
  await student.getByRole("region", { name: "Your attendance" }).waitFor(); // it has joined, and what it is sent on identify came before
  expect(await student.getByRole("region", { name: "Lab" }).count()).toBe(0);
});

test("two tabs of one student agree, a reload keeps the mark", async () => {
  const { server, browser } = made;
  const teacher = await visit(browser, asTeacher(server.url, "&type=lab"));
  await teacher.getByRole("button", { name: "Start the lab" }).click();

  const first = await visit(browser, asStudent(server.url, 2));
  const second = await watch(await first.context().newPage(), asStudent(server.url, 2));
  const lab = second.getByRole("region", { name: "Lab" });
  await lab.getByRole("button", { name: "I am here" }).waitFor();
  await first.getByRole("region", { name: "Lab" }).getByRole("button", { name: "I am here" }).click();
  await first.getByRole("region", { name: "Lab" }).getByText("Present", { exact: true }).waitFor();
  await lab.getByText("Present", { exact: true }).waitFor();
  await second.reload();
  await lab.getByText("Present", { exact: true }).waitFor();

  // A student who never marked.
  const absent = await visit(browser, asStudent(server.url, 7));
  await absent.getByRole("region", { name: "Lab" }).getByRole("button", { name: "I am here" }).waitFor();
  await teacher.getByRole("button", { name: "End the lab" }).click();
  await teacher.getByRole("dialog").getByRole("button", { name: "End it" }).click();
  await absent.getByRole("region", { name: "Lab" }).getByText("you were not marked").waitFor();
});

test("a session is started, marked and ended by keyboard", async () => {
  const { server, browser } = made;
  const page = await visit(browser, asTeacher(server.url, "", "keys"));
  /** Presses Tab until the element with this name has the focus. */
  const reach = async (name: RegExp) => {
    for (let i = 0; i < 40; i++) {
      const focused = await page.evaluate(() => {
        const { activeElement: element } = document;
        return element instanceof HTMLInputElement ? (element.labels?.[0]?.textContent ?? "") : (element?.textContent ?? "");
      });
      if (name.test(focused)) return;
      await page.keyboard.press("Tab");
    }
    throw new Error(`Tab does not reach ${String(name)}`);
  };
  const student = await visit(browser, asStudent(server.url, 1, "&name=Asha", "keys"));
  await page.locator(".tile", { hasText: "student-1" }).waitFor();
  await reach(/^Start the lecture/);
  await page.keyboard.press("Enter");
  await student.getByRole("button", { name: "I am here" }).waitFor();
  await page.locator(".tile button").first().waitFor();
  await reach(/^Present/);
  await page.keyboard.press("ArrowRight");
  await reach(/student-1/);
  await page.keyboard.press("Enter");
  await student.getByText("Late", { exact: true }).waitFor();
  await page.locator("body").press("Shift+Tab");
  await page.evaluate(() => (document.activeElement as HTMLElement).blur());
  await reach(/^End the lecture/);
  await page.keyboard.press("Enter");
  await page.getByRole("dialog").waitFor();
  await reach(/^End it/);
  await page.keyboard.press("Enter");
  await student.getByText("The session has ended").waitFor();
});
