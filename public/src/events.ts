// The protocol as TypeScript sees it. protocol.json is the same table with words and examples; events.test.ts keeps
// the two in step, and a Go test compares protocol.json with the server's structs.

export type Role = "teacher" | "student";
export type Status = "present" | "late" | "absent" | "excused";
export type Proof = "none" | "code";
export type Phase = "initial" | "active" | "completed";

/** A user or class id goes back and forth in the form in which it first came, so that === holds. */
export type Id = string | number;

export interface MarkRecord {
  studentId: Id;
  studentName: string;
  status: Status;
  recordedAt: string;
  recordedBy: Id;
}

export interface Identify { userId: Id; role: Role }
export interface ClassMember { userId: Id; classId: Id }
export interface Initiate {
  classId: Id;
  teacherId: Id;
  sessionType: string;
  frequency?: number | number[];
  proof?: Proof;
  lateAfter?: number | null;
  endsAfter?: number | null;
}
export interface End { classId: Id; teacherId: Id; sessionType: string }
export interface Mark { classId: Id; studentId: Id; studentName: string; status?: Status; sessionType: string; code?: string }
export interface FetchCode { classId: Id; sessionType: string }
export interface Fetch { classId: Id; date: string; sessionType: string }

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
  data: { active: Phase; records: MarkRecord[] };
}
/** period and validFor are milliseconds. */
export interface Code { classId: Id; sessionType: string; code: string; period: number; validFor: number }
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
  fetchAttendanceCode: (data: FetchCode, done?: Done<Code>) => void;
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
  "attendance:code": (data: Code) => void;
  "attendance:error": (data: Refused) => void;
  "class:error": (data: Refused) => void;
}
