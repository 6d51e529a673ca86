import { RefusedError } from "../errors.js";
import type { Id, Initiate, Mark, MarkRecord, Phase, Proof, Role, Started, Status, Update } from "../events.js";

/** The code of every fake session with proof. */
export const FAKE_CODE = "234567";

export interface Actor {
  userId: Id;
  role: Role;
}

interface FakeRecord extends MarkRecord {
  byTeacher: boolean;
}

interface FakeSession {
  phase: Phase;
  records: Map<string, FakeRecord>;
  firstStart: number;
  started: Started;
}

const MINUTE = 60_000;
const STATUSES: readonly Status[] = ["present", "late", "absent", "excused"];

/** The rules of one class, as the server has them in open mode. Texts and reasons of refusals are the server's. */
export class FakeClass {
  owner: Id | null = null;
  readonly students = new Map<string, string>();
  readonly #ids = new Map<string, Id>();
  readonly #sessions = new Map<string, FakeSession>();
  #last = 0;

  constructor(readonly id: Id) {}

  /** The sessions that are open. */
  get open(): Started[] {
    return [...this.#sessions.values()].filter(({ phase }) => phase === "active").map(({ started }) => started);
  }

  enter({ userId, role }: Actor): void {
    if (role !== "student") this.owner ??= userId;
    else if (!this.students.has(String(userId))) this.enrol(userId, "");
  }

  enrol(studentId: Id, name: string): void {
    const id = String(studentId);
    this.#ids.set(id, this.#ids.get(id) ?? studentId);
    this.students.set(id, this.students.get(id) || name);
  }

  /** Opens a session. Returns what the class is sent, or null if nothing has changed. */
  start(actor: Actor, { sessionType, frequency, proof, lateAfter, endsAfter }: Initiate): Started | null {
    if (actor.role === "student") throw new RefusedError("Only teachers can initiate attendance", "only_teachers");
    this.#checkOwner(actor);
    const before = this.#sessions.get(sessionType);
    const now = this.#now();
    const firstStart = before?.firstStart ?? now;
    const { frequency: oldTones, proof: oldProof, lateAt, endsAt } = before?.started ?? ({} as Partial<Started>);
    const started: Started = {
      classId: this.id,
      teacherId: actor.userId,
      sessionType,
      timestamp: before?.phase === "active" ? before.started.timestamp : iso(now),
      message: `Attendance for ${sessionType} is open`,
      ...given("frequency", frequency === undefined ? oldTones : [frequency].flat()),
      ...given("proof", shown(proof) ?? (proof ? undefined : oldProof)),
      ...given("lateAt", after(firstStart, lateAfter, lateAt)),
      ...given("endsAt", after(firstStart, endsAfter, endsAt)),
    };
    if (before?.phase === "active" && JSON.stringify(before.started) === JSON.stringify(started)) return null;
    const records = before?.records ?? new Map<string, FakeRecord>();
    for (const id of this.students.keys()) {
      if (!records.has(id)) records.set(id, this.#record(id, "absent", actor, now));
    }
    this.#sessions.set(sessionType, { phase: "active", records, firstStart, started });
    return started;
  }

  /** Closes a session. Returns when, or null if it was closed already. */
  end(actor: Actor, sessionType: string): string | null {
    if (actor.role === "student") throw new RefusedError("Only teachers can end attendance sessions", "only_teachers");
    this.#checkOwner(actor);
    const session = this.#sessions.get(sessionType);
    if (!session) throw noSession();
    if (session.phase === "completed") return null;
    session.phase = "completed";
    return iso(this.#now());
  }

  mark(actor: Actor, { sessionType, studentId, studentName = "", status = "present", code }: Mark): { update: Update; changed: boolean } {
    const id = String(studentId);
    const byTeacher = actor.role !== "student";
    if (!STATUSES.includes(status)) throw new RefusedError("status must be present, late, absent or excused", "invalid_status");
    if (!byTeacher && id !== String(actor.userId)) throw new RefusedError("Students can only mark their own attendance", "not_your_mark");
    if (!byTeacher && status === "excused") throw new RefusedError("Only the teacher can excuse a student", "only_teachers_excuse");
    if (byTeacher) this.#checkOwner(actor);
    const session = this.#sessions.get(sessionType);
    if (session?.phase !== "active") throw noSession();
    if (byTeacher && !this.students.has(id)) throw new RefusedError("This student is not on the roster of the class", "not_on_roster");
    const before = session.records.get(id);
    const now = this.#now();
    const { lateAt, proof } = session.started;
    const late = !byTeacher && status === "present" && before?.status !== "present" && lateAt !== undefined && iso(now) >= lateAt;
    const wanted = late ? "late" : status;
    if (!byTeacher && before?.byTeacher && before.status !== wanted) {
      throw new RefusedError("The teacher has set this mark, so only the teacher can change it", "set_by_teacher");
    }
    if (!byTeacher && proof === "code" && betters(wanted, before?.status)) checkCode(code);
    this.enrol(studentId, studentName);
    const changed = before?.status !== wanted;
    if (changed) session.records.set(id, this.#record(id, wanted, actor, now));
    else if (byTeacher) before.byTeacher = true;
    const { recordedAt } = session.records.get(id) ?? { recordedAt: iso(now) };
    const update = { classId: this.id, studentId, studentName: this.students.get(id) ?? "", status: wanted, sessionType, timestamp: recordedAt };
    return { update, changed };
  }

  /** Today's session; null if there is none. */
  session(actor: Actor, sessionType: string): { active: Phase; records: MarkRecord[] } | null {
    if (actor.role === "student" && !this.students.has(String(actor.userId))) throw new RefusedError("This student is not on the roster of the class", "not_on_roster");
    const session = this.#sessions.get(sessionType);
    if (!session) return null;
    const records = [...session.records.values()].map(({ byTeacher: _, ...record }) => record);
    return { active: session.phase, records };
  }

  code(actor: Actor, sessionType: string): string {
    this.#checkOwner(actor);
    const session = this.#sessions.get(sessionType);
    if (session?.phase !== "active") throw noSession();
    if (session.started.proof !== "code") throw new RefusedError("This session asks for no code", "no_code");
    return FAKE_CODE;
  }

  #checkOwner({ userId, role }: Actor): void {
    if (role === "student" || String(this.owner) !== String(userId)) throw new RefusedError("Not authorized to manage this class", "not_owner");
  }

  #record(id: string, status: Status, actor: Actor, now: number): FakeRecord {
    return {
      studentId: this.#ids.get(id) ?? id,
      studentName: this.students.get(id) ?? "",
      status,
      recordedAt: iso(now),
      recordedBy: actor.userId,
      byTeacher: false,
      ...(actor.role !== "student" && status !== "absent" ? { byTeacher: true } : {}),
    };
  }

  /** Timestamps of a class never go back. */
  #now(): number {
    this.#last = Math.max(this.#last, Date.now());
    return this.#last;
  }
}

const iso = (at: number) => new Date(at).toISOString();
const noSession = () => new RefusedError("No active attendance session for this class and session type", "no_active_session");

/** A key that is there only with a value. */
const given = <Key extends string, Value>(key: Key, value: Value | undefined) =>
  (value === undefined ? {} : { [key]: value }) as Partial<Record<Key, Value>>;

const shown = (proof: Proof | undefined) => (proof === "code" ? proof : undefined);

/** When a rule's minutes are over: null takes the rule away, undefined leaves it as it was. */
function after(start: number, minutes: number | null | undefined, before: string | undefined): string | undefined {
  if (minutes === undefined) return before;
  return minutes === null ? undefined : iso(start + minutes * MINUTE);
}

const betters = (status: Status, before: Status | undefined) =>
  (status === "present" && before !== "present") || (status === "late" && (before === undefined || before === "absent"));

function checkCode(code: string | undefined): void {
  if (!code) throw new RefusedError("Enter the code that is shown in class", "code_required");
  if (code.replace(/[\s-]/g, "").toUpperCase() !== FAKE_CODE) throw new RefusedError("That code is wrong or no longer shown", "code_wrong");
}
