import { expect, test } from "vitest";
import type { MarkRecord, Status, Update } from "../events";
import { count, initial, reduce, type Action, type State } from "./state";

const record = (studentId: string, status: Status, recordedAt: string): MarkRecord => ({ studentId, studentName: studentId, status, recordedAt, recordedBy: "t" });
const update = (studentId: string, status: Status, timestamp: string, sessionType = "lecture"): Update => ({ classId: "c", studentId, studentName: studentId, status, sessionType, timestamp });
const started = (timestamp: string, frequency?: number[]): Action => ({
  kind: "started",
  data: { classId: "c", teacherId: "t", sessionType: "lecture", timestamp, message: "", ...(frequency ? { frequency } : {}) },
});
const after = (...actions: Action[]): State => actions.reduce(reduce, initial);
const lecture = (state: State) => state.sessions.lecture;

test("a session goes from started to ended and may start again, its marks kept", () => {
  const ended = after(
    started("2026-03-02T09:00:00.000Z"),
    { kind: "updates", data: [update("a", "present", "2026-03-02T09:01:00.000Z")] },
    { kind: "ended", data: { classId: "c", sessionType: "lecture", timestamp: "2026-03-02T09:50:00.000Z", message: "" } },
  );
  expect(lecture(ended)).toMatchObject({ phase: "completed", endedAt: "2026-03-02T09:50:00.000Z" });
  const again = reduce(ended, started("2026-03-02T09:55:00.000Z"));
  expect(lecture(again)).toMatchObject({ phase: "active", endedAt: null });
  expect(lecture(again)?.records.get("a")?.status).toBe("present");
});

test("an update that overtook a fetched record stays", () => {
  const state = after(
    { kind: "updates", data: [update("a", "present", "2026-03-02T09:02:00.000Z")] },
    {
      kind: "fetched",
      sessionType: "lecture",
      data: { active: "active", records: [record("a", "absent", "2026-03-02T09:00:00.000Z"), record("b", "absent", "2026-03-02T09:00:00.000Z")] },
    },
  );
  expect(lecture(state)?.records.get("a")?.status).toBe("present");
  expect(lecture(state)?.records.get("b")?.status).toBe("absent");
});

test("the updates of one frame reach their own sessions, the last of a student wins, and other records stay the same objects", () => {
  const before = after({ kind: "fetched", sessionType: "lecture", data: { active: "active", records: [record("z", "absent", "2026-03-02T09:00:00.000Z")] } });
  const state = reduce(before, {
    kind: "updates",
    data: [update("a", "present", "1"), update("a", "late", "2"), update("a", "absent", "3", "lab")],
  });
  expect(lecture(state)?.records.get("a")?.status).toBe("late");
  expect(state.sessions.lab?.records.get("a")?.status).toBe("absent");
  expect(lecture(state)?.records.get("z")).toBe(lecture(before)?.records.get("z"));
});

test("tones stay until others come", () => {
  expect(lecture(after(started("1", [1200]), started("2")))?.frequency).toEqual([1200]);
  expect(lecture(after(started("1", [1200]), started("2", [1800])))?.frequency).toEqual([1800]);
});

test("who came or went while the list of those present was on its way is not taken from the list", () => {
  const state = after(
    { kind: "presence", user: "came", here: true },
    { kind: "presence", user: "went", here: false },
    { kind: "here", users: ["went", "stayed"] },
  );
  expect([...state.here].sort()).toEqual(["came", "stayed"]);
});

test("a new connection has not joined yet, and what was heard over the old one does not count", () => {
  const state = after({ kind: "presence", user: "a", here: true }, { kind: "joined" }, { kind: "link", link: "offline" }, { kind: "here", users: [] });
  expect(state.joined).toBe(false);
  expect(state.here.size).toBe(0);
});

test("joining again takes an old error away", () => {
  expect(after({ kind: "error", message: "no" }, { kind: "joined" }).error).toBeNull();
});

test("late students are here, excused ones are not", () => {
  const statuses: Status[] = ["present", "late", "absent", "excused"];
  expect(count(statuses.map((status) => ({ status })))).toEqual({ present: 1, late: 1, absent: 1, excused: 1, total: 4, here: 2 });
});
