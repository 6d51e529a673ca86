import { afterEach, beforeEach, expect, test, vi } from "vitest";
import type { Storage } from "./attendance.js";
import type { Reply } from "./connection.js";
import { RefusedError, UnansweredError } from "./errors.js";
import type { Mark } from "./events.js";
import { keepMarks } from "./pendingMarks.js";

const mark: Mark = { classId: "c", studentId: "s", studentName: "", sessionType: "lecture", code: "ABC234" };
const recorded: Reply<"attendanceMarked"> = { ...mark, success: true, message: "Recorded", studentName: "", status: "present", timestamp: "" };
const HOUR = 60 * 60 * 1000;

beforeEach(() => {
  vi.useFakeTimers();
});
afterEach(() => {
  vi.useRealTimers();
});

function setUp(kept: string | null = null, access: () => void = () => undefined) {
  let stored = kept;
  const storage: Storage = { getItem: () => stored, setItem: (_, value) => (stored = value), removeItem: () => (stored = null) };
  const known = { ready: true, send: vi.fn<(mark: Mark) => Promise<Reply<"attendanceMarked">>>(), report: vi.fn(), stored: () => stored };
  const marks = keepMarks({
    storage: () => {
      access();
      return storage;
    },
    slot: "slot",
    ready: () => known.ready,
    send: known.send,
    report: known.report,
  });
  return Object.assign(known, { marks });
}

test("an unanswered mark is sent until it is answered", async () => {
  const { marks, send, report, stored } = setUp();
  send.mockRejectedValueOnce(new UnansweredError("")).mockRejectedValueOnce(new UnansweredError("")).mockResolvedValueOnce(recorded);
  const decided = marks.add(mark);
  expect(stored()).toContain("ABC234");
  await vi.runAllTimersAsync();
  expect(await decided).toBe(recorded);
  expect(send.mock.calls).toEqual([[mark], [mark], [mark]]);
  expect(report.mock.lastCall).toEqual([mark, null]);
  expect(stored()).toBeNull();
});

test("a refused mark is not sent again", async () => {
  const { marks, send, report, stored } = setUp();
  send.mockRejectedValueOnce(new RefusedError("No", "code_wrong"));
  await expect(marks.add(mark)).rejects.toThrow("No");
  marks.flush();
  await vi.runAllTimersAsync();
  expect(send).toHaveBeenCalledOnce();
  expect(report.mock.lastCall).toEqual([mark, { waited: false, refusal: { message: "No", reason: "code_wrong" } }]);
  expect(stored()).toBeNull();
});

test("a mark of before a reload is sent once", async () => {
  const { marks, send } = setUp(JSON.stringify([{ mark, at: Date.now() - HOUR }]));
  send.mockResolvedValue(recorded);
  expect(send).not.toHaveBeenCalled();
  marks.flush();
  marks.flush();
  await vi.runAllTimersAsync();
  expect(send.mock.calls).toEqual([[mark]]);
});

test("a mark that is older than a session is not sent", () => {
  const { marks, send, report, stored } = setUp(JSON.stringify([{ mark, at: Date.now() - 3 * HOUR }]));
  marks.flush();
  expect(send).not.toHaveBeenCalled();
  expect(report.mock.lastCall).toMatchObject([mark, { refusal: { reason: "too_late" } }]);
  expect(stored()).toBeNull();
});

test.each(["{", "null", '[{"at":1}]', "7"])("the storage %j is no mark", (kept) => {
  const { marks, send } = setUp(kept);
  marks.flush();
  expect(send).not.toHaveBeenCalled();
});

test("a mark is sent where the browser forbids a storage", async () => {
  const { marks, send } = setUp(null, () => {
    throw new DOMException("The operation is insecure", "SecurityError");
  });
  send.mockResolvedValue(recorded);
  expect(await marks.add(mark)).toBe(recorded);
});
