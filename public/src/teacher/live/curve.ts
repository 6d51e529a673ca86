import type { MarkRecord } from "@neuracampus/attendance-client";
import { timeOfDay } from "../../shared/words";

export interface Point { at: number; here: number }

/**
 * How many students were here, over time: one step for each present or late mark. It is computed from the marks' times,
 * so a page that is opened later draws the same curve.
 */
export function curveOf(records: Iterable<MarkRecord>): { from: number; points: readonly Point[] } {
  let from = Infinity;
  const times: number[] = [];
  for (const { status, recordedAt } of records) {
    const at = Date.parse(recordedAt);
    from = Math.min(from, at); // all students are recorded absent when a session starts
    if (status === "present" || status === "late") times.push(at);
  }
  times.sort((a, b) => a - b);
  return { from, points: times.map((at, i) => ({ at, here: i + 1 })) };
}

/** The curve as an SVG path of steps in a box of the given size. */
export function stepPath(points: readonly Point[], from: number, until: number, total: number, width: number, height: number): string {
  const x = (at: number) => (((at - from) / Math.max(until - from, 1)) * width).toFixed(1);
  const y = (here: number) => (height - (here / Math.max(total, 1)) * height).toFixed(1);
  let path = `M0 ${height}`;
  for (const { at, here } of points) path += `H${x(at)}V${y(here)}`;
  return `${path}H${width}`;
}

/** What the curve shows, in words: how many marks, and from when to when. */
export function captionOf(here: number, first: Date, last: Date): string {
  const marks = here === 1 ? "1 mark" : `${here} marks`;
  const from = timeOfDay(first.toISOString());
  const to = timeOfDay(last.toISOString());
  return from === to ? `${marks} at ${from}` : `${marks} between ${from} and ${to}`;
}
