import { afterAll, afterEach, beforeAll, expect, test } from "vitest";
import { api } from "../browser/support/api";
import { startServer, type Server } from "../browser/support/server";
import { until } from "./support/until";
import { connectThroughRelay, type Client } from "./support/worlds";

// Who is removed from a class sees nothing of it any more, and does not come back by itself.

const REFUSAL = { message: "You are no longer in this class", reason: "removed" };
let server: Server;
let client: Client | undefined;
beforeAll(async () => {
  server = await startServer();
});
afterEach(() => client?.close());
afterAll(() => server.stop());

async function studentIn(...classes: string[]): Promise<Client> {
  client = await connectThroughRelay(server, { userId: "student-1", role: "student" });
  for (const classId of classes) {
    await api(server.url, "/classes", "POST", { id: classId, name: classId });
    await client.join(classId);
    await api(server.url, `/classes/${classId}/sessions`, "POST", { sessionType: "lecture" });
    await until(client, "a lecture", (snapshot) => snapshot.classes[classId]?.sessions.lecture?.phase === "active");
  }
  return client;
}
const remove = (classId: string) => api(server.url, `/classes/${classId}/roster`, "PUT", { students: [{ id: "student-9", name: "Another" }] });

test("a removed student's class is empty and stays so", async () => {
  const student = await studentIn("one");
  await remove("one");
  await until(student, "removed", ({ classes }) => classes.one?.refusal?.reason === "removed");
  expect(student.getSnapshot().classes.one).toMatchObject({ joined: false, refusal: REFUSAL, sessions: {} });
  student.cut();
  await until(student, "offline", ({ status }) => status === "offline");
  student.mend();
  await until(student, "live", ({ status }) => status === "live");
  expect(student.getSnapshot().classes.one).toMatchObject({ joined: false, refusal: REFUSAL, sessions: {} });
});

test("a student removed from one class keeps others", async () => {
  const student = await studentIn("two", "three");
  await remove("two");
  await until(student, "removed", ({ classes }) => classes.two?.refusal?.reason === "removed");
  expect(student.getSnapshot().classes.three).toMatchObject({ joined: true, refusal: null, sessions: { lecture: { phase: "active" } } });
});
