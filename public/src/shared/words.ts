import type { Status } from "@neuracampus/attendance-client";
import { campusZone } from "./campus";

export const STATUSES: readonly Status[] = ["present", "late", "absent", "excused"];

export const STATUS_WORDS: Record<Status, string> = { present: "Present", late: "Late", absent: "Absent", excused: "Excused" };

/** "lecture" → "Lecture". */
export function title(sessionType: string): string {
  return sessionType.charAt(0).toUpperCase() + sessionType.slice(1);
}

export function percent(rate: number | null): string {
  return rate === null ? "–" : `${Math.round(rate * 100)} %`;
}

const clock = new Intl.DateTimeFormat("en-GB", { hour: "2-digit", minute: "2-digit", timeZone: campusZone });
/** A moment as the clocks of the campus show it. */
export const timeOfDay = (timestamp: string) => clock.format(new Date(timestamp));

const calendar = new Intl.DateTimeFormat("en-GB", { weekday: "short", day: "numeric", month: "short", timeZone: "UTC" });

/** A campus day, YYYY-MM-DD, in words, with its year if that is not this year. A day is no moment, so time zones do not change it. */
export function dayInWords(day: string, today = new Date()): string {
  const year = day.slice(0, 4);
  return calendar.format(new Date(`${day}T00:00:00Z`)) + (year === String(today.getFullYear()) ? "" : ` ${year}`);
}

/** "3 students", "1 student". */
export function counted(n: number, one: string, many = `${one}s`): string {
  return `${n} ${n === 1 ? one : many}`;
}
