import type { Status } from "../../events";

export const FILTERS = ["everybody", "who is here", "who is missing", "who is not connected"] as const;
export type Filter = (typeof FILTERS)[number];

export function shows(filter: Filter, status: Status | undefined, connected: boolean): boolean {
  switch (filter) {
    case "everybody":
      return true;
    case "who is here":
      return status === "present" || status === "late";
    case "who is missing":
      return status === undefined || status === "absent";
    case "who is not connected":
      return !connected;
  }
}
