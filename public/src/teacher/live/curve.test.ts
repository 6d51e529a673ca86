import { expect, test } from "vitest";
import type { Status } from "@neuracampus/attendance-client";
import { captionOf, curveOf, stepPath } from "./curve";

const at = (minute: number) => `2026-03-02T09:${String(minute).padStart(2, "0")}:00.000Z`;
const record = (status: Status, minute: number) => ({ studentId: minute, studentName: "", status, recordedAt: at(minute), recordedBy: "" });

test("the curve has one step for each student here, by time", () => {
  const { from, points } = curveOf([record("late", 8), record("absent", 0), record("present", 3), record("excused", 5)]);
  expect(from).toBe(Date.parse(at(0)));
  expect(points).toEqual([{ at: Date.parse(at(3)), here: 1 }, { at: Date.parse(at(8)), here: 2 }]);
});

test("the path has steps from the lower left to the right", () => {
  expect(stepPath([{ at: 5, here: 1 }, { at: 10, here: 2 }], 0, 10, 4, 100, 40)).toBe("M0 40H50.0V30.0H100.0V20.0H100");
});

test("a session without students has a flat path", () => {
  expect(stepPath([], 0, 0, 0, 100, 40)).toBe("M0 40H100");
});

test("the caption has the singular for one mark and one time for one minute", () => {
  const early = new Date(at(0));
  const late = new Date(at(5));
  expect(captionOf(1, early, early)).toMatch(/^1 mark at .+$/);
  expect(captionOf(2, early, late)).toMatch(/^2 marks between .+ and .+$/);
});
