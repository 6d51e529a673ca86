import type { Page } from "playwright-core";
import { beforeAll, expect, test } from "vitest";
import { api } from "./support/api";
import { asStudent, asTeacher, visit } from "./support/browser";
import { fixture } from "./support/fixture";
import { looks } from "./support/looks";

const made = fixture();

/** Some sessions that have ended, each with other students present. */
beforeAll(async () => {
  const { url } = made.server;
  for (const [i, sessionType] of ["seminar", "tutorial", "workshop", "exam"].entries()) {
    await api(url, "/classes/demo/sessions", "POST", { sessionType });
    for (let student = 1; student <= 7 + i; student++) {
      const status = student % 5 === 0 ? "late" : student === 6 ? "excused" : "present";
      await api(url, "/classes/demo/marks", "POST", { sessionType, studentId: `student-${student}`, status });
    }
    await api(url, "/classes/demo/sessions/end", "POST", { sessionType });
  }
});

async function view(url: string, name: string, settled: (page: Page) => Promise<unknown>): Promise<void> {
  const page = await visit(made.browser, url);
  await settled(page);
  expect(await looks(page, name)).toEqual([]);
  await page.context().close();
}

const text = (words: string | RegExp) => (page: Page) => page.getByText(words).first().waitFor();

test("the entrance", async () => {
  const { url } = made.server;
  await view(url, "entrance-teacher", text("Enter the class"));
  await view(`${url}/?role=student&class=demo`, "entrance-student", text("Student of the demo class"));
  await view(url, "entrance-new-class", (page) => page.getByRole("button", { name: "New class" }).click());
});

test("the student's page", async () => {
  const { url } = made.server;
  await view(asStudent(url, 1, "", "empty"), "student-waiting", text("No session has ended yet"));
  await api(url, "/classes/demo/sessions", "POST", { sessionType: "lecture", frequency: [1200, 1800] });
  await view(asStudent(url, 1), "student-open", text("Listen for the tones"));
  await view(asStudent(url, 2), "student-marked", async (page) => {
    await page.getByRole("button", { name: "I am here" }).click();
    await page.getByText(/Recorded at .*\.$/).first().waitFor();
  });
  await view(asStudent(url, 3), "student-offline", async (page) => {
    await page.getByRole("button", { name: "I am here" }).waitFor();
    await page.context().setOffline(true);
    await page.getByRole("button", { name: "I am here" }).click();
    await page.getByText("Your mark is sent once").waitFor();
  });
  await api(url, "/classes/demo/marks", "POST", { sessionType: "lecture", studentId: "student-4", status: "late" });
  await api(url, "/classes/demo/marks", "POST", { sessionType: "lecture", studentId: "student-4", status: "absent" });
  await view(asStudent(url, 4), "student-refused", async (page) => {
    await page.getByRole("button", { name: "I am here" }).click();
    await page.getByText("Not accepted").waitFor();
  });
});

test("the teacher's live view", async () => {
  const { url } = made.server;
  await view(asTeacher(url, "&type=lab"), "teacher-before", text("Zoë Müller"));
  await view(asTeacher(url, "&type=lecture"), "teacher-live", async (page) => {
    for (const name of ["Nguyễn", "Chidinma", "Иван", "Zoë"]) await page.locator(".tile", { hasText: name }).getByRole("button").click();
    await page.getByRole("radio", { name: "Late" }).check();
    await page.locator(".tile", { hasText: "María" }).getByRole("button").click();
    await page.getByText("is late").waitFor();
  });
  await view(asTeacher(url, "&type=lecture"), "teacher-end", (page) => page.getByRole("button", { name: "End the lecture" }).click());
  await view(asTeacher(url), "teacher-qr", (page) => page.getByRole("button", { name: "QR code" }).click().then(() => page.getByRole("img", { name: "QR code" }).waitFor()));
  await api(url, "/classes/demo/sessions/end", "POST", { sessionType: "lecture" });
  await view(asTeacher(url, "&type=lecture"), "teacher-summary", text("students are missing"));
});

test("the teacher's sessions and statistics", async () => {
  const { url } = made.server;
  await view(asTeacher(url, "&view=sessions"), "teacher-sessions", text("Workshop"));
  await view(asTeacher(url, "&view=sessions&session=1"), "teacher-session", text("Asha Rao"));
  await view(asTeacher(url, "&view=sessions&session=1"), "teacher-correction", (page) => page.getByRole("button", { name: "Correct Asha Rao" }).click());
  await view(asTeacher(url, "&view=statistics"), "teacher-statistics", text("students are under"));
  await view(asTeacher(url, "&view=sessions", "nothing-yet"), "teacher-nothing-yet", text("No session has been held yet"));
});

test("the teacher's roster", async () => {
  const { url } = made.server;
  await view(asTeacher(url, "&view=roster"), "teacher-roster", text("Asha Rao"));
  await view(asTeacher(url, "&view=roster"), "teacher-import-mistakes", async (page) => {
    await page.getByLabel("Or paste it").fill("id,name\ns-1,Asha Rao\n,Nobody\ns-1,Asha again");
    await page.getByRole("button", { name: "Check it" }).click();
    await page.getByRole("listitem").getByText(/Line 4/).waitFor();
  });
  await view(asTeacher(url, "&view=roster"), "teacher-import-preview", async (page) => {
    await page.getByLabel("Or paste it").fill("id,name\ns-1,Asha Rao\nstudent-4,Zoe Mueller");
    await page.getByRole("button", { name: "Check it" }).click();
    await page.getByRole("button", { name: "Import 2 students" }).waitFor();
  });
});

test("the developer panel", async () => {
  const { url } = made.server;
  await view(asTeacher(url, "&dev=events"), "developer-events", async (page) => {
    await page.locator(".event-line summary").first().click();
  });
  await view(asTeacher(url, "&dev=emit"), "developer-emit", text("Says which user this connection is"));
  await view(asTeacher(url, "&dev=reference"), "developer-reference", text("The server sends"));
  await view(asTeacher(url, "&dev=code"), "developer-code", text("emitWithAck"));
});
