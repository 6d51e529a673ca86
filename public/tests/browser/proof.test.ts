import type { Page } from "playwright-core";
import { expect, test } from "vitest";
import { api } from "./support/api";
import { asStudent, asTeacher, errorsOf, visit } from "./support/browser";
import { fixture } from "./support/fixture";
import { looks } from "./support/looks";

const made = fixture({ CODE_PERIOD: "60s" });

/** A class of three students, whose sessions ask for a code. */
async function classWithCode(id: string, rules: Record<string, unknown> = {}): Promise<void> {
  const { url } = made.server;
  await api(url, "/classes", "POST", { id, name: "Mathematics 1" });
  const students = ["Asha Rao", "Zoë Müller", "Søren Kierkegaard"].map((name, i) => ({ id: `student-${i + 1}`, name }));
  await api(url, `/classes/${id}/roster`, "PUT", { students });
  await api(url, `/classes/${id}`, "PATCH", { proof: "code", ...rules });
}

/** The code that the teacher's page shows. */
async function shownCode(teacher: Page): Promise<string> {
  const label = await teacher.locator(".code").getAttribute("aria-label");
  return (label ?? "").replace("Code ", "").replaceAll(" ", "");
}

test("a lesson with a code, by typing it and by its address", async () => {
  const { server, browser } = made;
  await classWithCode("typed");
  const teacher = await visit(browser, asTeacher(server.url, "", "typed"));
  await teacher.getByRole("button", { name: "Start the lecture" }).click();
  const code = await shownCode(teacher);
  expect(await looks(teacher, "teacher-code")).toEqual([]);

  const asha = await visit(browser, asStudent(server.url, 1, "", "typed"));
  await asha.getByText("You are marked as Asha Rao").waitFor();
  const field = asha.getByLabel("The code that is shown in class");
  expect(await field.evaluate((element) => element === document.activeElement)).toBe(true);
  await field.fill("ABC");
  await field.press("Enter");
  await asha.getByText("The code has 6 letters and digits").waitFor();
  await field.fill(code.startsWith("2") ? "333333" : "222222");
  await field.press("Enter");
  await asha.getByText("That code is wrong or no longer shown. Enter the code that is shown now.").waitFor();
  expect(await looks(asha, "student-code-wrong")).toEqual([]);
  await field.fill(`${code.slice(0, 3).toLowerCase()} - ${code.slice(3)}`);
  await field.press("Enter");
  await asha.getByText("Present", { exact: true }).waitFor();
  await teacher.locator(".tile[data-status=present]", { hasText: "Asha Rao" }).waitFor();

  // As the camera of a phone opens the QR code.
  const zoe = await visit(browser, `${asStudent(server.url, 2, "", "typed")}#code=${code}`);
  expect(await zoe.getByLabel("The code that is shown in class").inputValue()).toBe(code);
  await zoe.waitForURL((url) => url.hash === "");
  await zoe.getByRole("button", { name: "I am here" }).click();
  await zoe.getByText("Present", { exact: true }).waitFor();
  expect([teacher, asha, zoe].flatMap(errorsOf)).toEqual([]);
});

test("a mark made offline is sent with its code, and the student is told if that is too old", async () => {
  const { server, browser } = made;
  await classWithCode("offline");
  await api(server.url, "/classes/offline/sessions", "POST", { sessionType: "lecture" });
  const student = await visit(browser, asStudent(server.url, 1, "", "offline"));
  const field = student.getByLabel("The code that is shown in class");
  await field.waitFor();
  await student.context().setOffline(true);
  await student.getByText("Offline", { exact: true }).waitFor();
  await field.fill("222222"); // as good as one that is no longer shown
  await field.press("Enter");
  await student.getByText("sent with this code as soon as you are back").waitFor();
  await student.context().setOffline(false);
  await student.getByText("Your mark arrived late, and its code is no longer shown").waitFor();
});

test("the teacher's page shows no code while it is offline", async () => {
  const { server, browser } = made;
  await classWithCode("hidden");
  const teacher = await visit(browser, asTeacher(server.url, "", "hidden"));
  await teacher.clock.install();
  await teacher.getByRole("button", { name: "Start the lecture" }).click();
  await shownCode(teacher);
  await teacher.context().setOffline(true);
  await teacher.getByText("Offline", { exact: true }).waitFor();
  await teacher.clock.fastForward("05:00"); // as after the laptop slept
  await teacher.getByText("No code can be shown at the moment").waitFor();
  await teacher.context().setOffline(false);
  await shownCode(teacher);
});

test("rules are set for the class and for one session, and students see them before they press", async () => {
  const { server, browser } = made;
  await classWithCode("ruled", { proof: "none" });
  const teacher = await visit(browser, asTeacher(server.url, "&view=class", "ruled"));
  await teacher.getByLabel("Late after").fill("10");
  expect(await looks(teacher, "teacher-rules")).toEqual([]);
  await teacher.getByRole("region", { name: "Rules of this class" }).getByRole("button", { name: "Save" }).click();
  await teacher.getByText("Saved.").waitFor();
  await teacher.getByRole("button", { name: "Live" }).click();
  await teacher.getByText("Rules for this session").click();
  expect(await teacher.getByLabel("Late after").inputValue()).toBe("10");
  await teacher.getByLabel("Ends after").fill("30");
  await teacher.getByRole("button", { name: "Start the lecture" }).click();
  const student = await visit(browser, asStudent(server.url, 1, "", "ruled"));
  await student.getByText(/You are marked as Asha Rao. Late from \d\d:\d\d. Ends \d\d:\d\d./).waitFor();
  expect(await looks(student, "student-rules")).toEqual([]);
  await student.getByRole("button", { name: "I am here" }).click();
  await student.getByText("Present", { exact: true }).waitFor();
});

test("a student who does not answer at a spot check becomes absent, with the reason", async () => {
  const { server, browser } = made;
  await classWithCode("spot", { proof: "none" });
  await api(server.url, "/classes/spot/sessions", "POST", { sessionType: "lecture" });
  await api(server.url, "/classes/spot/marks", "POST", { sessionType: "lecture", studentId: "student-1" });
  const teacher = await visit(browser, asTeacher(server.url, "", "spot"));
  await teacher.getByRole("button", { name: "Spot check" }).click();
  const dialog = teacher.getByRole("dialog");
  await dialog.getByText("Asha Rao").waitFor();
  expect(await looks(teacher, "teacher-spot-check")).toEqual([]);
  await dialog.getByRole("button", { name: "Not here" }).click();
  await dialog.getByText("Absent", { exact: true }).waitFor();
  await dialog.getByRole("button", { name: "Done" }).click();
  await teacher.locator(".tile[data-status=absent]", { hasText: "Asha Rao" }).waitFor();
  await teacher.getByRole("button", { name: "Sessions" }).click();
  await teacher.getByRole("button", { name: /Lecture/ }).first().click();
  await teacher.getByText("“Not here at a spot check”").waitFor();
});
