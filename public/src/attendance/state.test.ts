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

test("a session that is started again keeps its marks", () => {
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

test("an update newer than a fetched record stays", () => {
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

test("an update of a student who was not fetched stays unless it is older", () => {
  const absent = record("b", "absent", "2026-03-02T09:00:00.000Z");
  const fetchedAfter = (timestamp: string) =>
    after(
      { kind: "updates", data: [update("a", "present", timestamp)] },
      { kind: "fetched", sessionType: "lecture", data: { active: "active", records: [absent] } },
    );
  expect(lecture(fetchedAfter("2026-03-02T09:02:00.000Z"))?.records.get("a")?.status).toBe("present");
  expect(lecture(fetchedAfter("2026-03-02T08:59:00.000Z"))?.records.has("a")).toBe(false);
});

test("updates of one frame change only their own records, the last wins", () => {
  const before = after({ kind: "fetched", sessionType: "lecture", data: { active: "active", records: [record("z", "absent", "2026-03-02T09:00:00.000Z")] } });
  const state = reduce(before, {
    kind: "updates",
    data: [update("a", "present", "1"), update("a", "late", "2"), update("a", "absent", "3", "lab")],
  });
  expect(lecture(state)?.records.get("a")?.status).toBe("late");
  expect(state.sessions.lab?.records.get("a")?.status).toBe("absent");
  expect(lecture(state)?.records.get("z")).toBe(lecture(before)?.records.get("z"));
});

test("tones stay until a start has others", () => {
  expect(lecture(after(started("1", [1200]), started("2")))?.frequency).toEqual([1200]);
  expect(lecture(after(started("1", [1200]), started("2", [1800])))?.frequency).toEqual([1800]);
});

test("presence events newer than the fetched list win", () => {
  const state = after(
    { kind: "presence", user: "came", here: true },
    { kind: "presence", user: "went", here: false },
    { kind: "here", users: ["went", "stayed"] },
  );
  expect([...state.here].sort()).toEqual(["came", "stayed"]);
});

test("a new connection has not joined and forgets presence events", () => {
  const state = after({ kind: "presence", user: "a", here: true }, { kind: "joined" }, { kind: "link", link: "offline" }, { kind: "here", users: [] });
  expect(state.joined).toBe(false);
  expect(state.here.size).toBe(0);
});

test("joining removes an old error", () => {
  expect(after({ kind: "error", message: "no" }, { kind: "joined" }).error).toBeNull();
});

test("count: late is here, excused is not", () => {
  const statuses: Status[] = ["present", "late", "absent", "excused"];
  expect(count(statuses.map((status) => ({ status })))).toEqual({ present: 1, late: 1, absent: 1, excused: 1, total: 4, here: 2 });
});
