// The protocol as TypeScript sees it. protocol.json is the same table with words and examples; events.test.ts keeps
// the two in step, and a Go test compares protocol.json with the server's structs.

/** Only a token says that a user is an administrator. */
export type Role = "teacher" | "student" | "admin";
export type Status = "present" | "late" | "absent" | "excused";
export type Phase = "initial" | "active" | "completed";

/** A user or class id goes back and forth in the form in which it first came, so that === holds. */
export type Id = string | number;

export type Proof = "none" | "code";
/** The rules of a class or of one session: minutes after the start, null for none. */
export interface Rules { proof: Proof; lateAfter: number | null; endsAfter: number | null }

export interface MarkRecord {
  studentId: Id;
  studentName: string;
  status: Status;
  recordedAt: string;
  recordedBy: Id;
}

export interface Identify { userId: Id; role: Role }
export interface ClassMember { userId: Id; classId: Id }
export interface Initiate extends Partial<Rules> { classId: Id; teacherId: Id; sessionType: string; frequency?: number | number[] }
export interface End { classId: Id; teacherId: Id; sessionType: string }
export interface Mark { classId: Id; studentId: Id; studentName: string; status?: Status; sessionType: string; code?: string; deviceId?: string }
export interface Fetch { classId: Id; date: string; sessionType: string; since?: string }
export interface FetchCode { classId: Id; sessionType: string }

export interface Presence { userId: Id; message: string }
export interface Confirmed { success: boolean; classId: Id; sessionType: string; message: string }
export interface Started {
  classId: Id;
  teacherId: Id;
  sessionType: string;
  timestamp: string;
  message: string;
  frequency?: number[];
  proof?: Proof;
  lateAt?: string;
  endsAt?: string;
}
export interface Ended { classId: Id; sessionType: string; timestamp: string; message: string }
export interface Update { classId: Id; studentId: Id; studentName: string; status: Status; sessionType: string; timestamp: string }
export interface Attendance {
  success: boolean;
  exists: boolean;
  classId: Id;
  date: string;
  sessionType: string;
  message: string;
  since?: string | null;
  until?: string;
  data: { active: Phase; records: MarkRecord[] };
}
/** Period is how long a code is shown, validFor how long this one still is, in milliseconds. */
export interface ShownCode { classId: Id; sessionType: string; code: string; period: number; validFor: number }
export type FlagKind = "shared_connection" | "shared_device";
/** Students who shared something in a session, for the class's teachers. */
export interface Flagged { classId: Id; sessionType: string; kind: FlagKind; studentIds: Id[]; message: string; timestamp: string }
export interface Refused { message: string }

/** What an acknowledgement callback gets: the fields of the reply, and whether it was done. */
export type Ack<Reply = unknown> = { success: boolean; message: string; reason?: string } & Partial<Reply>;
type Done<Reply = unknown> = (ack: Ack<Reply>) => void;

export interface ClientToServerEvents {
  identify: (data: Identify, done?: Done) => void;
  joinClass: (data: ClassMember, done?: Done) => void;
  leaveClass: (data: ClassMember, done?: Done) => void;
  initiateAttendance: (data: Initiate, done?: Done<Confirmed>) => void;
  endAttendance: (data: End, done?: Done<Confirmed>) => void;
  attendanceMarked: (data: Mark, done?: Done<Update>) => void;
  fetchAttendance: (data: Fetch, done?: Done<Attendance>) => void;
  fetchAttendanceCode: (data: FetchCode, done?: Done<ShownCode>) => void;
}

export interface ServerToClientEvents {
  userJoined: (data: Presence) => void;
  userLeft: (data: Presence) => void;
  "attendance:initiated": (data: Confirmed) => void;
  "attendance:ended": (data: Confirmed) => void;
  attendanceStarted: (data: Started) => void;
  attendanceEnded: (data: Ended) => void;
  attendanceUpdate: (data: Update) => void;
  attendanceData: (data: Attendance) => void;
  "attendance:code": (data: ShownCode) => void;
  "attendance:flag": (data: Flagged) => void;
  "attendance:error": (data: Refused) => void;
  "class:error": (data: Refused) => void;
}
