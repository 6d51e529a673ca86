import { expect, test } from "vitest";
import type { MarkRecord, Status, Update } from "./events.js";
import { initial, reduce, type Action, type Snapshot } from "./state.js";

const record = (studentId: string, status: Status, recordedAt: string): MarkRecord => ({ studentId, studentName: studentId, status, recordedAt, recordedBy: "t" });
const update = (studentId: string, status: Status, timestamp: string, sessionType = "lecture"): Update => ({ classId: "c", studentId, studentName: studentId, status, sessionType, timestamp });
const updates = (...data: Update[]): Action => ({ kind: "updates", data });
const started = (timestamp: string, frequency?: number[]): Action => ({
  kind: "started",
  data: { classId: "c", teacherId: "t", sessionType: "lecture", timestamp, message: "", ...(frequency ? { frequency } : {}) },
});
const ended = (timestamp: string): Action => ({ kind: "ended", data: { classId: "c", sessionType: "lecture", timestamp, message: "" } });
const fetched = (...records: MarkRecord[]): Action => ({ kind: "fetched", data: { classId: "c", sessionType: "lecture", data: { active: "active", records } } });
const presence = (user: string, here: boolean): Action => ({ kind: "presence", classId: "c", user, here });
const after = (...actions: Action[]): Snapshot => actions.reduce(reduce, initial);
const ofClass = (state: Snapshot) => state.classes.c;
const lecture = (state: Snapshot) => ofClass(state)?.sessions.lecture;

test("a session that is started again keeps its marks", () => {
  const over = after(started("1"), updates(update("a", "present", "2")), ended("3"));
  expect(lecture(over)).toMatchObject({ phase: "completed", startedAt: "1", endedAt: "3" });
  const again = reduce(over, started("4"));
  expect(lecture(again)).toMatchObject({ phase: "active", startedAt: "1", endedAt: null });
  expect(lecture(again)?.records.get("a")?.status).toBe("present");
});

test("an update that a fetch overtook changes nothing", () => {
  const state = after(fetched(record("a", "late", "3")), updates(update("a", "present", "2")));
  expect(lecture(state)?.records.get("a")).toEqual(record("a", "late", "3"));
});

test("an update that was fetched keeps who made it", () => {
  const state = after(fetched(record("a", "late", "3")), updates(update("a", "late", "3")));
  expect(lecture(state)?.records.get("a")?.recordedBy).toBe("t");
});

test("an update of a record's own millisecond wins", () => {
  const state = after(fetched(record("a", "late", "3")), updates(update("a", "excused", "3")));
  expect(lecture(state)?.records.get("a")?.status).toBe("excused");
});

test("a fetch replaces all records", () => {
  const state = after(updates(update("gone", "present", "9")), fetched(record("a", "absent", "1")));
  expect([...(lecture(state)?.records.keys() ?? [])]).toEqual(["a"]);
});

test("a fetch of changes keeps the other records", () => {
  const all = reduce(after(), { kind: "fetched", data: { classId: "c", sessionType: "lecture", since: null, until: "3", data: { active: "active", records: [record("a", "absent", "1"), record("b", "absent", "1")] } } });
  const state = reduce(all, { kind: "fetched", data: { classId: "c", sessionType: "lecture", since: "3", until: "5", data: { active: "completed", records: [record("b", "late", "4")] } } });
  expect(lecture(state)).toMatchObject({ phase: "completed", until: "5" });
  expect([...(lecture(state)?.records.values() ?? [])].map(({ status }) => status)).toEqual(["absent", "late"]);
});

test("updates change their own records, the last wins", () => {
  const before = after(fetched(record("z", "absent", "0")));
  const state = reduce(before, updates(update("a", "present", "1"), update("a", "late", "2"), update("a", "absent", "3", "lab")));
  expect(lecture(state)?.records.get("a")?.status).toBe("late");
  expect(ofClass(state)?.sessions.lab?.records.get("a")?.status).toBe("absent");
  expect(lecture(state)?.records.get("z")).toBe(lecture(before)?.records.get("z"));
  expect(lecture(before)?.records.has("a")).toBe(false);
});

test("tones stay until a start has others", () => {
  expect(lecture(after(started("1", [1200]), started("2")))?.frequency).toEqual([1200]);
  expect(lecture(after(started("1", [1200]), started("2", [1800])))?.frequency).toEqual([1800]);
});

test("presence events newer than the fetched list win", () => {
  const state = after(presence("came", true), presence("went", false), { kind: "here", classId: "c", users: ["went", "stayed"] });
  expect([...(ofClass(state)?.here ?? [])].sort()).toEqual(["came", "stayed"]);
});

test("a new connection is outside, presence forgotten", () => {
  const state = after(presence("a", true), { kind: "inside", classId: "c", joined: true }, { kind: "link", status: "offline" }, { kind: "here", classId: "c", users: [] });
  expect(ofClass(state)).toMatchObject({ joined: false });
  expect(ofClass(state)?.here.size).toBe(0);
});

test("a class that keeps the user out shows nothing", () => {
  const refusal = { message: "You are no longer in this class", reason: "removed" };
  const state = after(started("1"), { kind: "inside", classId: "c", joined: true }, { kind: "outside", classId: "c", refusal });
  expect(ofClass(state)).toMatchObject({ joined: false, refusal, sessions: {} });
  expect(ofClass(after({ kind: "outside", classId: "c", refusal }, { kind: "inside", classId: "c", joined: false }))?.refusal).toBeNull();
});

test("each flag of a session is counted", () => {
  const flag: Action = { kind: "flagged", data: { classId: "c", sessionType: "lecture", kind: "shared_device", studentIds: ["a", "b"], message: "", timestamp: "1" } };
  expect(lecture(after(started("1"), flag, flag))?.flagged).toBe(2);
});
