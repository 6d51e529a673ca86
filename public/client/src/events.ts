// What events and acknowledgements carry, by the names that the package uses. The types are made from the server's AsyncAPI document.
import type { ClientToServerEvents, Replies, ServerToClientEvents } from "./generated/events.js";

export type { ClientToServerEvents, Replies, ServerToClientEvents };

type Sent<E extends keyof ClientToServerEvents> = Parameters<ClientToServerEvents[E]>[0];
type Received<E extends keyof ServerToClientEvents> = Parameters<ServerToClientEvents[E]>[0];

export type Identify = Sent<"identify">;
export type ClassMember = Sent<"joinClass">;
export type Initiate = Sent<"initiateAttendance">;
export type End = Sent<"endAttendance">;
export type Mark = Sent<"attendanceMarked">;
export type Fetch = Sent<"fetchAttendance">;
export type FetchCode = Sent<"fetchAttendanceCode">;

export type Presence = Received<"userJoined">;
export type Started = Received<"attendanceStarted">;
export type Ended = Received<"attendanceEnded">;
export type Update = Received<"attendanceUpdate">;
export type Attendance = Received<"attendanceData">;
export type Flagged = Received<"attendance:flag">;
export type Refused = Received<"class:error">;

/** A user or class id goes back and forth in the form in which it first came, so that === holds. */
export type Id = Mark["classId"];
export type Role = Identify["role"];
export type Status = Update["status"];
export type Phase = Attendance["data"]["active"];
export type MarkRecord = Attendance["data"]["records"][number];
export type FlagKind = Flagged["kind"];
export type Proof = NonNullable<Initiate["proof"]>;
/** The rules of a class or of one session: minutes after the start, null for none. */
export type Rules = Required<Pick<Initiate, "proof" | "lateAfter" | "endsAfter">>;

/** What every acknowledgement has. The reason is a word for programs, and only a refusal has it. */
export interface Ack {
  success: boolean;
  message: string;
  reason?: string;
}
