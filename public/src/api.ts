// The REST API as this page uses it; /docs describes all of it.
import type { FlagKind, Id, MarkRecord, Phase, Role, Rules, Status } from "@neuracampus/attendance-client";
import type { User } from "./attendance/useClassAttendance";
import { token } from "./token";

/** What students see of each other: everything, or nothing. */
export type Visibility = "class" | "own";

/** The teacher is the owner. */
export interface Class extends Rules { id: Id; name: string; teacherId: Id | null; archived: boolean; visibility: Visibility }
/** For administrators a page of all classes; next is missing on the last one. For others their own classes without a total. */
export interface ClassesPage { classes: Class[]; next?: Id; total?: number }
export interface Teacher { id: Id; owner: boolean }
export interface Student { id: Id; name: string }
export interface Present { userId: Id; role: Role; name: string }
export interface SessionInfo {
  id: number;
  date: string;
  sessionType: string;
  state: Phase;
  startedAt: string;
  endedAt: string | null;
}
export interface SessionReport extends SessionInfo { records: MarkRecord[] }
export interface Flag {
  id: number;
  kind: FlagKind;
  studentIds: Id[];
  message: string;
  timestamp: string;
  dismissal: { dismissedAt: string; dismissedBy: Id; reason: string } | null;
}
export interface Change {
  studentId: Id;
  from: Status | null;
  to: Status;
  changedAt: string;
  changedBy: Id;
  changedByRole: Role;
  way: string;
  reason: string;
}
export interface ChangesPage { changes: Change[]; next: number | null }
export interface Tally { held: number; present: number; late: number; absent: number; excused: number; rate: number | null }
export interface StudentTally extends Tally { studentId: Id; studentName: string; removed: boolean }
export interface SessionTally extends Tally { sessionId: number; date: string; sessionType: string; startedAt: string }
export interface Attended { sessionId: number; date: string; sessionType: string; state: Phase; status: Status; recordedAt: string }
export interface History extends Tally { sessions: Attended[] }
export interface Import {
  added: number;
  renamed: number;
  removed: number;
  unchanged: number;
  students: { line: number; id: Id; name: string }[];
  table: RosterTable;
  warnings: string[];
}
/** How the first lines of a file were read; columns are counted from 1, 0 is none. */
export interface RosterTable { headerLine: number; idColumn: number; nameColumns: number[]; rows: { line: number; cells: string[] }[] }
export interface LineError { line: number; message: string }

/** A refused request. The message is for people; lines say what is wrong in an imported file, table how the file was read. */
export class ApiError extends Error {
  constructor(message: string, readonly status: number, readonly lines: readonly LineError[] = [], readonly table: RosterTable | null = null) {
    super(message);
  }
}

export type Asker = Pick<User, "id" | "role">;
interface Options { method?: string; json?: unknown; csv?: string | Blob; signal?: AbortSignal }

/** Sends a request as a user. With a token, the token says who the user is. */
async function send(asker: Asker, path: string, { method = "GET", json, csv, signal }: Options): Promise<Response> {
  const headers = new Headers();
  if (token.get()) headers.set("Authorization", `Bearer ${token.get()}`);
  else {
    headers.set("X-User", encodeURIComponent(asker.id));
    headers.set("X-Role", asker.role);
  }
  if (json !== undefined) headers.set("Content-Type", "application/json");
  if (csv !== undefined) headers.set("Content-Type", "text/csv");
  const body = json === undefined ? csv : JSON.stringify(json);
  let answer: Response;
  try {
    answer = await fetch(`/api${path}`, { method, headers, ...(body === undefined ? {} : { body }), ...(signal ? { signal } : {}) });
  } catch (error) {
    if (signal?.aborted) throw error;
    throw new ApiError("The server cannot be reached. Check the connection and try again.", 0);
  }
  if (!answer.ok) throw await refusal(answer);
  return answer;
}

async function refusal(answer: Response): Promise<ApiError> {
  const problem = (await answer.json().catch(() => ({}))) as { detail?: string; errors?: LineError[]; table?: RosterTable };
  return new ApiError(problem.detail ?? `The server answered ${answer.status}.`, answer.status, problem.errors, problem.table);
}

/** The answer's JSON, which has the shape that the OpenAPI document says. */
export async function request<Reply>(asker: Asker, path: string, options: Options = {}): Promise<Reply> {
  const answer = await send(asker, path, options);
  return (answer.status === 204 ? null : await answer.json()) as Reply;
}

/** Saves a file under the name that the server gives it, or under this one. The browser's own download could not say who asks. */
export async function download(asker: Asker, path: string, fallback = "attendance.csv"): Promise<void> {
  const answer = await send(asker, path, {});
  const name = /filename="?([^";]+)"?/.exec(answer.headers.get("Content-Disposition") ?? "")?.[1] ?? fallback;
  const url = URL.createObjectURL(await answer.blob());
  const link = Object.assign(document.createElement("a"), { href: url, download: name });
  link.click();
  URL.revokeObjectURL(url);
}

/** A student's export, as a file. */
export const downloadStudent = (asker: Asker, studentId: string) =>
  download(asker, `${ofStudent(studentId)}/export`, `attendance-of-${studentId}.json`);

export const ofStudent = (studentId: string) => `/students/${encodeURIComponent(studentId)}`;
export const ofClass = (classId: string, rest = "") => `/classes/${encodeURIComponent(classId)}${rest}`;
