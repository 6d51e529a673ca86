import { readFile } from "node:fs/promises";
import { expect, test } from "vitest";
import { api, heldLecture } from "./support/api";
import { asStudent, asTeacher, errorsOf, visit } from "./support/browser";
import { fixture } from "./support/fixture";
import { looks } from "./support/looks";

const made = fixture();

const teachersOf = async (classId: string, asker = "teacher-1") => {
  const { teachers } = (await api(made.server.url, `/classes/${classId}/teachers`, "GET", undefined, asker)) as { teachers: { id: string; owner: boolean }[] };
  return teachers.map(({ id, owner }) => (owner ? `${id} owns` : id));
};

test("the owner adds, removes and hands over to teachers", async () => {
  const { server, browser } = made;
  await heldLecture(server.url, "shared");
  const owner = await visit(browser, asTeacher(server.url, "&view=class", "shared"));
  for (const id of ["gita", "boris"]) {
    await owner.getByLabel("Id of another teacher").fill(id);
    await owner.getByRole("button", { name: "Add", exact: true }).click();
    await owner.getByText(`${id} teaches the class from now on.`).waitFor();
  }
  expect(await teachersOf("shared")).toEqual(["teacher-1 owns", "boris", "gita"]);
  expect(await looks(owner, "teacher-teachers")).toEqual([]);

  const gita = await visit(browser, `${server.url}/?role=teacher&class=shared&user=gita&view=class`);
  await gita.getByText("Ask the owner to change who teaches the class.").waitFor();
  expect(await gita.getByRole("button", { name: /Remove|Hand over|Add/ }).count()).toBe(0);

  await owner.getByRole("button", { name: "Remove boris" }).click();
  await owner.getByRole("dialog").getByText("no longer sees the class").waitFor();
  await owner.getByRole("dialog").getByRole("button", { name: "Remove", exact: true }).click();
  await owner.getByRole("button", { name: "Remove boris" }).waitFor({ state: "detached" });
  await owner.getByRole("button", { name: "Hand over to gita" }).click();
  await owner.getByRole("dialog").getByText("only gita can hand the class back").waitFor();
  expect(await looks(owner, "teacher-hand-over")).toEqual([]);
  expect(await teachersOf("shared")).toEqual(["teacher-1 owns", "gita"]);
  await owner.getByRole("dialog").getByRole("button", { name: "Hand over", exact: true }).click();
  await owner.getByText("Ask the owner to change who teaches the class.").waitFor();
  expect(await teachersOf("shared")).toEqual(["gita owns", "teacher-1"]);
  expect([owner, gita].flatMap(errorsOf)).toEqual([]);
});

test("a teacher chooses what students see", async () => {
  const { server, browser } = made;
  await heldLecture(server.url, "private");
  const page = await visit(browser, asTeacher(server.url, "&view=class", "private"));
  const form = page.getByRole("region", { name: "What students see" });
  expect(await form.getByRole("radio", { name: /The class/ }).isChecked()).toBe(true);
  await form.getByRole("radio", { name: /Only themselves/ }).check();
  await form.getByText("Students see their own attendance, and nothing of the others.").waitFor();
  await form.getByRole("button", { name: "Save" }).click();
  await form.getByText("Saved.").waitFor();
  expect(await looks(page, "teacher-visibility")).toEqual([]);
  expect(await api(server.url, "/classes/private")).toMatchObject({ visibility: "own" });
  await page.reload();
  await expect.poll(() => form.getByRole("radio", { name: /Only themselves/ }).isChecked()).toBe(true);
  expect(errorsOf(page)).toEqual([]);
});

test("students download what is stored about them", async () => {
  const { server, browser } = made;
  await heldLecture(server.url, "exported");
  const page = await visit(browser, asStudent(server.url, 2, "", "exported"));
  const [file] = await Promise.all([page.waitForEvent("download"), page.getByRole("button", { name: "Download my data" }).click()]);
  expect(file.suggestedFilename()).toBe("attendance-of-student-2.json");
  const stored: unknown = JSON.parse(await readFile(await file.path(), "utf8"));
  expect(stored).toMatchObject({ studentId: "student-2", marks: expect.arrayContaining([expect.objectContaining({ classId: "exported", status: "present" })]) as unknown });
  expect(await looks(page, "student-data")).toEqual([]);
  expect(errorsOf(page)).toEqual([]);
});
