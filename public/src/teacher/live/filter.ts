import type { Status } from "@neuracampus/attendance-client";

export const FILTERS = ["all students", "here", "missing", "not connected"] as const;
export type Filter = (typeof FILTERS)[number];

export function shows(filter: Filter, status: Status | undefined, connected: boolean): boolean {
  switch (filter) {
    case "all students":
      return true;
    case "here":
      return status === "present" || status === "late";
    case "missing":
      return status === undefined || status === "absent";
    case "not connected":
      return !connected;
  }
}
