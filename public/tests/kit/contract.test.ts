import type { Attendance, Session, Snapshot, StoreOptions } from "@neuracampus/attendance-client";
import { afterAll, afterEach, beforeAll, describe, expect, test } from "vitest";
import { until } from "./support/until";
import { memoryStorage, worlds, type Client, type World } from "./support/worlds";

/** How many connections a user may have: the server's default, USER_SOCKETS. */
const MAX_SOCKETS = 10;

// The same tests with the real server and with the fake, so that what a component's test shows with the fake is true with the server.
describe.each(Object.entries(worlds))("with %s", (_, start) => {
  let world: World;
  let open: Client[] = [];
  let number = 0;
  beforeAll(async () => {
    world = await start();
  });
  afterEach(() => {
    for (const client of open) client.close();
    open = [];
  });
  afterAll(() => world.stop());

  const connect = async (options: StoreOptions) => {
    const client = await world.connect(options);
    open.push(client);
    return client;
  };
  /** A teacher and students in a class of their own. */
  const lesson = async (...students: string[]) => {
    const classId = `class-${++number}`;
    const teacher = await connect({ userId: "teacher-1", role: "teacher" });
    await teacher.join(classId);
    const present = [];
    for (const userId of students) {
      const student = await connect({ userId, role: "student", name: `Name of ${userId}` });
      await student.join(classId);
      present.push(student);
    }
    return { classId, teacher, students: present };
  };
  const lecture = (snapshot: Snapshot, classId: string): Session | undefined => snapshot.classes[classId]?.sessions.lecture;
  const statusIn = (client: Attendance, classId: string, student: string) => lecture(client.getSnapshot(), classId)?.records.get(student)?.status;
  const phase = (client: Client, classId: string, wanted: string) => until(client, `the lecture is ${wanted}`, (snapshot) => lecture(snapshot, classId)?.phase === wanted);
  const marked = (client: Client, classId: string, student: string, status: string) =>
    until(client, `${student} is ${status}`, (snapshot) => lecture(snapshot, classId)?.records.get(student)?.status === status);

  test("a whole lecture reaches teacher and student", async () => {
    const { classId, teacher, students: [student] } = await lesson("student-1");
    if (!student) return;
    await teacher.start({ classId, sessionType: "lecture", frequency: 1200 });
    const begun = await phase(student, classId, "active");
    expect(lecture(begun, classId)).toMatchObject({ frequency: [1200], proof: "none", lateAt: null, endsAt: null, endedAt: null });
    await marked(teacher, classId, "student-1", "absent");
    const reply = await student.mark({ classId, sessionType: "lecture" });
    expect(reply).toMatchObject({ success: true, classId, studentId: "student-1", status: "present", sessionType: "lecture" });
    const known = await marked(teacher, classId, "student-1", "present");
    expect(lecture(known, classId)?.records.get("student-1")).toMatchObject({ studentId: "student-1", studentName: "Name of student-1", recordedAt: reply.timestamp });
    await marked(student, classId, "student-1", "present");
    await teacher.end({ classId, sessionType: "lecture" });
    await phase(student, classId, "completed");
    await teacher.start({ classId, sessionType: "lecture" });
    await phase(student, classId, "active");
    await phase(teacher, classId, "active");
    expect(statusIn(teacher, classId, "student-1")).toBe("present");
  });

  test("who joins later knows what was before", async () => {
    const { classId, teacher, students: [first] } = await lesson("student-1");
    await teacher.start({ classId, sessionType: "lecture" });
    await first?.mark({ classId, sessionType: "lecture" });
    const second = await connect({ userId: "student-2", role: "student" });
    await second.join(classId);
    expect(second.getSnapshot()).toMatchObject({ status: "live", refusal: null, classes: { [classId]: { joined: true, refusal: null } } });
    expect(statusIn(second, classId, "student-1")).toBe("present");
  });

  test("users come and go", async () => {
    const { classId, teacher } = await lesson();
    const student = await connect({ userId: "student-1", role: "student" });
    await student.join(classId);
    const here = (wanted: boolean) => until(teacher, `here is ${wanted}`, ({ classes }) => classes[classId]?.here.has("student-1") === wanted);
    await here(true);
    await student.leave(classId);
    await here(false);
    teacher.setHere(classId, ["student-1", "student-9"]);
    expect([...(teacher.getSnapshot().classes[classId]?.here ?? [])]).toEqual(["student-9"]);
  });

  test("a reconnected store has the state of the server", async () => {
    const { classId, teacher, students } = await lesson("student-1", "student-2");
    await teacher.start({ classId, sessionType: "lecture" });
    const [first, second] = students;
    if (!first || !second) return;
    await phase(first, classId, "active");
    first.cut();
    await until(first, "offline", ({ status }) => status === "offline");
    await second.mark({ classId, sessionType: "lecture" });
    await teacher.end({ classId, sessionType: "lecture" });
    first.mend();
    const known = await until(first, "live", ({ status }) => status === "live");
    expect(lecture(known, classId)?.phase).toBe("completed");
    expect(statusIn(first, classId, "student-1")).toBe("absent");
    expect(statusIn(first, classId, "student-2")).toBe("present");
  });

  test("a mark made offline is sent with its code", async () => {
    const { classId, teacher, students: [student] } = await lesson("student-1");
    if (!student) return;
    await teacher.start({ classId, sessionType: "lecture", proof: "code" });
    await until(student, "a code is asked for", (snapshot) => lecture(snapshot, classId)?.proof === "code");
    const { code } = await teacher.fetchCode({ classId, sessionType: "lecture" });
    student.cut();
    await until(student, "offline", ({ status }) => status === "offline");
    const decided = student.mark({ classId, sessionType: "lecture", code });
    expect(lecture(student.getSnapshot(), classId)?.sending.get("student-1")).toEqual({ waited: true, refusal: null });
    student.mend();
    expect(await decided).toMatchObject({ status: "present" });
    await marked(teacher, classId, "student-1", "present");
    expect(lecture(student.getSnapshot(), classId)?.sending.size).toBe(0);
  });

  test("a mark outlives its store", async () => {
    const { classId, teacher } = await lesson();
    const storage = memoryStorage();
    const before = await connect({ userId: "student-1", role: "student", storage });
    await before.join(classId);
    await teacher.start({ classId, sessionType: "lecture" });
    before.cut();
    await until(before, "offline", ({ status }) => status === "offline");
    const undecided = before.mark({ classId, sessionType: "lecture" });
    before.close();
    await expect(undecided).rejects.toThrow("The connection was closed");
    const again = await connect({ userId: "student-1", role: "student", storage });
    await again.join(classId);
    await marked(teacher, classId, "student-1", "present");
    await until(again, "nothing waits", (snapshot) => lecture(snapshot, classId)?.sending.size === 0);
    expect(storage.values.size).toBe(0);
  });

  test("of two marks made offline the newer one counts", async () => {
    const { classId, teacher } = await lesson("student-1");
    await teacher.start({ classId, sessionType: "lecture" });
    await marked(teacher, classId, "student-1", "absent");
    teacher.cut();
    await until(teacher, "offline", ({ status }) => status === "offline");
    const mark = (status: "late" | "excused") => teacher.mark({ classId, sessionType: "lecture", studentId: "student-1", studentName: "", status });
    const replaced = expect(mark("late")).rejects.toThrow("newer mark");
    const counts = mark("excused");
    teacher.mend();
    await replaced;
    expect(await counts).toMatchObject({ status: "excused" });
    await marked(teacher, classId, "student-1", "excused");
  });

  test("the oldest of too many connections of a user ends and is not made again", async () => {
    const { classId, students: [oldest] } = await lesson("student-1");
    if (!oldest) return;
    const refused = until(oldest, "refused", ({ status }) => status === "refused");
    const others = [];
    for (let i = 0; i < MAX_SOCKETS; i++) others.push(await connect({ userId: "student-1", role: "student" }));
    await Promise.all(others.map((other) => other.join(classId)));
    const refusal = { reason: "too_many_sockets", message: "You are connected in too many places; this connection, the oldest, was closed" };
    expect(await refused).toMatchObject({ refusal, classes: { [classId]: { joined: false } } });
    expect(oldest.socket.active).toBe(false);
    expect(others.map((other) => other.getSnapshot().status)).toEqual(others.map(() => "live"));
    await expect(oldest.join("another")).rejects.toMatchObject(refusal);
    others[0]?.close();
    oldest.socket.connect();
    await until(oldest, "live again", ({ status, classes }) => status === "live" && Boolean(classes[classId]?.joined));
  });

  test("what is larger than the server takes is refused, and costs no connection", async () => {
    const { classId, teacher, students: [student] } = await lesson("student-1");
    if (!student) return;
    await teacher.start({ classId, sessionType: "lecture" });
    let lost = 0;
    student.socket.on("disconnect", () => lost++);
    const large = "é".repeat(world.maxPayload / 2); // two bytes each
    const refusal = { name: "Error", reason: "too_large", message: "This is too large to send" };
    await expect(student.mark({ classId, sessionType: "lecture", studentName: large })).rejects.toMatchObject(refusal);
    await expect(student.join(large)).rejects.toMatchObject(refusal);
    expect(await student.mark({ classId, sessionType: "lecture" })).toMatchObject({ status: "present" });
    expect(lost).toBe(0);
  });

  test("a mark made offline that is larger than the server takes is refused after the reconnect", async () => {
    const { classId, teacher, students: [student] } = await lesson("student-1");
    if (!student) return;
    await teacher.start({ classId, sessionType: "lecture" });
    student.cut();
    await until(student, "offline", ({ status }) => status === "offline");
    const refused = expect(student.mark({ classId, sessionType: "lecture", studentName: "x".repeat(world.maxPayload) })).rejects.toMatchObject({ reason: "too_large" });
    student.mend();
    await refused;
    const known = await until(student, "live", ({ status }) => status === "live");
    expect(lecture(known, classId)?.sending.get("student-1")).toMatchObject({ waited: true, refusal: { reason: "too_large" } });
  });

  test("a student who is late is late", async () => {
    const { classId, teacher, students: [student] } = await lesson("student-1");
    await teacher.start({ classId, sessionType: "lecture", lateAfter: 10, endsAfter: 30 });
    const session = lecture(await phase(teacher, classId, "active"), classId);
    expect(Date.parse(session?.endsAt ?? "") - Date.parse(session?.lateAt ?? "")).toBe(20 * 60_000);
    expect(await student?.mark({ classId, sessionType: "lecture" })).toMatchObject({ status: "present" });
  });

  // One refusal a line: what is done after a lecture has been started, and the reason and the words of the refusal.
  type Act = (of: { classId: string; teacher: Client; student: Client; other: Client }) => Promise<unknown>;
  const sessionType = "lecture";
  test.each<[string, string, string, Act]>([
    ["a student starts", "only_teachers", "Only teachers can initiate attendance", ({ student, classId }) => student.start({ classId, sessionType })],
    ["a student ends", "only_teachers", "Only teachers can end attendance sessions", ({ student, classId }) => student.end({ classId, sessionType })],
    ["another teacher ends", "not_owner", "Not authorized to manage this class", ({ other, classId }) => other.end({ classId, sessionType })],
    ["a student marks another", "not_your_mark", "Students can only mark their own attendance", ({ student, classId }) => student.mark({ classId, sessionType, studentId: "student-2" })],
    ["a student excuses", "only_teachers_excuse", "Only the teacher can excuse a student", ({ student, classId }) => student.mark({ classId, sessionType, status: "excused" })],
    ["a mark without a session", "no_active_session", "No active attendance session for this class and session type", ({ student, classId }) => student.mark({ classId, sessionType: "lab" })],
    ["a mark of an unknown student", "not_on_roster", "This student is not on the roster of the class", ({ teacher, classId }) => teacher.mark({ classId, sessionType, studentId: "nobody" })],
    ["an impossible status", "invalid_status", "status must be present, late, absent or excused", ({ student, classId }) => student.mark({ classId, sessionType, status: "asleep" as "late" })],
    ["a session of no class", "class_not_found", "Class not found", ({ teacher }) => teacher.start({ classId: "nowhere", sessionType })],
    ["a code where none is asked for", "no_code", "This session asks for no code", ({ teacher, classId }) => teacher.fetchCode({ classId, sessionType })],
    ["a date that is none", "invalid_date", "Invalid date format", ({ teacher, classId }) => teacher.fetch({ classId, sessionType, date: "yesterday" })],
    ["what the teacher has set", "set_by_teacher", "The teacher has set this mark, so only the teacher can change it", async ({ teacher, student, classId }) => {
      await teacher.mark({ classId, sessionType, studentId: "student-1", status: "excused" });
      await student.mark({ classId, sessionType });
    }],
    ["a mark without the code", "code_required", "Enter the code that is shown in class", async ({ teacher, student, classId }) => {
      await teacher.start({ classId, sessionType: "lab", proof: "code" });
      await student.mark({ classId, sessionType: "lab" });
    }],
    ["a wrong code", "code_wrong", "That code is wrong or no longer shown", async ({ teacher, student, classId }) => {
      await teacher.start({ classId, sessionType: "lab", proof: "code" });
      await student.mark({ classId, sessionType: "lab", code: "AAAAAA" });
    }],
  ])("%s: refused with %s", async (__, reason, message, act) => {
    const { classId, teacher, students: [student] } = await lesson("student-1");
    const other = await connect({ userId: "teacher-2", role: "teacher" });
    await other.join(classId);
    await teacher.start({ classId, sessionType });
    if (!student) return;
    await expect(act({ classId, teacher, student, other })).rejects.toMatchObject({ name: "Error", reason, message });
  });

  test("a refused mark stays in the state", async () => {
    const { classId, students: [student] } = await lesson("student-1");
    await student?.mark({ classId, sessionType }).catch(() => undefined);
    const sending = student && lecture(student.getSnapshot(), classId)?.sending.get("student-1");
    expect(sending).toMatchObject({ waited: false, refusal: { reason: "no_active_session" } });
  });
});
