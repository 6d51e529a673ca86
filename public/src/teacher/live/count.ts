import type { Status } from "@neuracampus/attendance-client";

type Counts = Record<Status, number> & { total: number; here: number };

/** Counts by status; late students are here too. */
export function count(statuses: Iterable<{ status: Status }>): Counts {
  const counts: Counts = { present: 0, late: 0, absent: 0, excused: 0, total: 0, here: 0 };
  for (const { status } of statuses) {
    counts[status]++;
    counts.total++;
    if (status === "present" || status === "late") counts.here++;
  }
  return counts;
}
