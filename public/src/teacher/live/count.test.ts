import type { Status } from "@neuracampus/attendance-client";
import { expect, test } from "vitest";
import { count } from "./count";

test("count: late is here, excused is not", () => {
  const statuses: Status[] = ["present", "late", "absent", "excused"];
  expect(count(statuses.map((status) => ({ status })))).toEqual({ present: 1, late: 1, absent: 1, excused: 1, total: 4, here: 2 });
});
