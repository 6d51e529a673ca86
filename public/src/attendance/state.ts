import type { Attendance, Ended, Flagged, Id, MarkRecord, Phase, Proof, Started, Status, Update } from "../events";

export type Link = "connecting" | "online" | "offline" | "refused";

export interface Session {
  type: string;
  phase: Phase;
  /** By student id as text, in the order in which the server named them. */
  records: ReadonlyMap<string, MarkRecord>;
  startedAt: string | null;
  endedAt: string | null;
  /** Tones in Hz that the teacher's device plays, if it does. */
  frequency: readonly number[];
  proof: Proof;
  /** From when a student is late, and when the session ends by itself. */
  lateAt: string | null;
  endsAt: string | null;
  /** How often a flag was raised since the page was opened. The API has the flags. */
  flagged: number;
}

export interface State {
  link: Link;
  /** Whether the current connection has joined the class. */
  joined: boolean;
  /** Why the last action was refused, until it is dismissed. */
  error: string | null;
  sessions: Readonly<Record<string, Session>>;
  /** The users with a connection in the class, by id as text. */
  here: ReadonlySet<string>;
  /** The presence events since this connection was made. They are newer than any list that is fetched. */
  changed: ReadonlyMap<string, boolean>;
}

export type Action =
  | { kind: "link"; link: Link; error?: string }
  | { kind: "joined" }
  | { kind: "error"; message: string | null }
  | { kind: "started"; data: Started }
  | { kind: "ended"; data: Ended }
  | { kind: "flagged"; data: Flagged }
  | { kind: "updates"; data: readonly Update[] }
  | { kind: "fetched"; sessionType: string; data: Attendance["data"] }
  | { kind: "here"; users: readonly Id[] }
  | { kind: "presence"; user: Id; here: boolean };

export const initial: State = { link: "connecting", joined: false, error: null, sessions: {}, here: new Set(), changed: new Map() };

export function reduce(state: State, action: Action): State {
  switch (action.kind) {
    case "link":
      return { ...state, link: action.link, joined: false, error: action.error ?? state.error, changed: new Map() };
    case "joined":
      return { ...state, joined: true, error: null };
    case "error":
      return { ...state, error: action.message };
    case "started": {
      const { sessionType, timestamp, frequency, proof = "none", lateAt = null, endsAt = null } = action.data;
      return withSession(state, sessionType, (session) => ({
        ...session,
        phase: "active",
        startedAt: session.startedAt ?? timestamp,
        endedAt: null,
        frequency: frequency ?? session.frequency,
        proof,
        lateAt,
        endsAt,
      }));
    }
    case "ended":
      return withSession(state, action.data.sessionType, (session) => ({
        ...session,
        phase: "completed",
        endedAt: action.data.timestamp,
      }));
    case "flagged":
      return withSession(state, action.data.sessionType, (session) => ({ ...session, flagged: session.flagged + 1 }));
    case "updates":
      return applyUpdates(state, action.data);
    case "fetched": {
      const { sessionType, data } = action;
      return withSession(state, sessionType, (session) => ({
        ...session,
        phase: data.active,
        records: newer(session.records, data.records),
      }));
    }
    case "here": {
      const here = new Set(action.users.map(String));
      for (const [user, is] of state.changed) setMember(here, user, is);
      return { ...state, here };
    }
    case "presence": {
      const user = String(action.user);
      const here = new Set(state.here);
      setMember(here, user, action.here);
      return { ...state, here, changed: new Map(state.changed).set(user, action.here) };
    }
  }
}

function setMember(set: Set<string>, member: string, is: boolean): void {
  if (is) set.add(member);
  else set.delete(member);
}

/** Applies all updates of a frame with one copy of each map. */
function applyUpdates(state: State, updates: readonly Update[]): State {
  for (const type of new Set(updates.map((update) => update.sessionType))) {
    state = withSession(state, type, (session) => {
      const records = new Map(session.records);
      for (const { studentId, studentName, status, sessionType, timestamp } of updates) {
        if (sessionType !== type) continue;
        // An update does not say who made it; only a fetch does.
        records.set(String(studentId), { studentId, studentName, status, recordedAt: timestamp, recordedBy: "" });
      }
      return { ...session, records };
    });
  }
  return state;
}

/** The fetched records, except those for which a newer update has arrived meanwhile, also of a student who had no record before. */
function newer(known: ReadonlyMap<string, MarkRecord>, fetched: readonly MarkRecord[]): Map<string, MarkRecord> {
  const records = new Map(fetched.map((record) => [String(record.studentId), record]));
  const newest = fetched.reduce((latest, { recordedAt }) => (recordedAt > latest ? recordedAt : latest), "");
  for (const [id, mine] of known) {
    // Timestamps of a class never go back, and all have the same form: they compare as text.
    if (mine.recordedAt > (records.get(id)?.recordedAt ?? newest)) records.set(id, mine);
  }
  return records;
}

function withSession(state: State, type: string, change: (session: Session) => Session): State {
  const session = state.sessions[type] ?? emptySession(type);
  return { ...state, sessions: { ...state.sessions, [type]: change(session) } };
}

export function emptySession(type: string): Session {
  return { type, phase: "initial", records: new Map(), startedAt: null, endedAt: null, frequency: [], proof: "none", lateAt: null, endsAt: null, flagged: 0 };
}

export type Counts = Record<Status, number> & { total: number; here: number };

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
