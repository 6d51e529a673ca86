import type { Refusal } from "./errors.js";
import type { Attendance, Ended, Flagged, Id, MarkRecord, Phase, Presence, Proof, Started, Status, Update } from "./events.js";

/**
 * - `connecting`: not everything is known yet.
 * - `live`: identified, in every class that was joined, and what is shown is what the database holds.
 * - `offline`: the connection is lost or cannot be made; it is tried again without end.
 * - `refused`: the server does not let this user in. `refusal` says why.
 */
export type Link = "connecting" | "live" | "offline" | "refused";

/** A mark of this client that waits for the server, or that the server has refused. */
export interface Sending {
  /** Whether it has waited for the connection or for the server. */
  waited: boolean;
  /** Null while it waits. */
  refusal: Refusal | null;
}

/** Today's session of one type. */
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
  /** How often a flag was raised since the store was made. The API has the flags. */
  flagged: number;
  /** By student id as text. */
  sending: ReadonlyMap<string, Sending>;
  /** From when on the next fetch asks for changes, as the server has answered the last one. */
  until?: string | undefined;
}

export interface ClassState {
  /** Whether the current connection has joined the class and knows its sessions. */
  joined: boolean;
  /** Why the server keeps this user out of the class. */
  refusal: Refusal | null;
  sessions: Readonly<Record<string, Session>>;
  /** The users with a connection in the class, by id as text. */
  here: ReadonlySet<string>;
  /** The presence events since this connection was made. They are newer than any list that is fetched. */
  changed: ReadonlyMap<string, boolean>;
}

export interface Snapshot {
  status: Link;
  refusal: Refusal | null;
  /** The classes that were joined, and those with a mark that waits, by id as text. */
  classes: Readonly<Record<string, ClassState>>;
}

export type Action =
  | { kind: "link"; status: Link; refusal?: Refusal }
  | { kind: "inside"; classId: Id; joined: boolean }
  | { kind: "outside"; classId: Id; refusal: Refusal }
  | { kind: "left"; classId: Id }
  | { kind: "started"; data: Started }
  | { kind: "ended"; data: Ended }
  | { kind: "flagged"; data: Flagged }
  | { kind: "updates"; data: readonly Update[] }
  | { kind: "fetched"; data: { classId: Id; sessionType: string } & Pick<Attendance, "since" | "until" | "data"> }
  | { kind: "sending"; classId: Id; sessionType: string; studentId: Id; sending: Sending | null }
  | { kind: "here"; classId: Id; users: readonly Id[] }
  | { kind: "presence"; classId: Id; user: Presence["userId"]; here: boolean };

export const initial: Snapshot = { status: "connecting", refusal: null, classes: {} };
export const emptyClass: ClassState = { joined: false, refusal: null, sessions: {}, here: new Set(), changed: new Map() };

export function emptySession(type: string): Session {
  return {
    type, phase: "initial", records: new Map(), startedAt: null, endedAt: null, frequency: [], proof: "none", lateAt: null, endsAt: null, flagged: 0,
    sending: new Map(),
  };
}

export function reduce(state: Snapshot, action: Action): Snapshot {
  switch (action.kind) {
    case "link":
      return { status: action.status, refusal: action.refusal ?? null, classes: action.status === "live" ? state.classes : outsideOf(state.classes) };
    case "inside":
      return withClass(state, action.classId, (known) => ({ ...known, joined: action.joined, refusal: null }));
    case "outside":
      return withClass(state, action.classId, () => ({ ...emptyClass, refusal: action.refusal }));
    case "left": {
      const { [String(action.classId)]: _, ...classes } = state.classes;
      return { ...state, classes };
    }
    case "started": {
      const { classId, sessionType, timestamp, frequency, proof = "none", lateAt = null, endsAt = null } = action.data;
      return withSession(state, classId, sessionType, (session) => ({
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
    case "ended": {
      const { classId, sessionType, timestamp } = action.data;
      return withSession(state, classId, sessionType, (session) => ({ ...session, phase: "completed", endedAt: timestamp }));
    }
    case "flagged":
      return withSession(state, action.data.classId, action.data.sessionType, (session) => ({ ...session, flagged: session.flagged + 1 }));
    case "updates":
      return applyUpdates(state, action.data);
    case "fetched": {
      const { classId, sessionType, since, until, data } = action.data;
      return withSession(state, classId, sessionType, (session) => ({
        ...session,
        phase: data.active,
        records: new Map([...(since ? session.records : []), ...data.records.map((record) => [String(record.studentId), record] as const)]),
        until,
      }));
    }
    case "sending": {
      const { classId, sessionType, studentId, sending } = action;
      return withSession(state, classId, sessionType, (session) => ({ ...session, sending: changed(session.sending, String(studentId), sending) }));
    }
    case "here":
      return withClass(state, action.classId, (known) => {
        const here = new Set(action.users.map(String));
        for (const [user, is] of known.changed) setMember(here, user, is);
        return { ...known, here };
      });
    case "presence":
      return withClass(state, action.classId, (known) => {
        const user = String(action.user);
        const here = new Set(known.here);
        setMember(here, user, action.here);
        return { ...known, here, changed: changed(known.changed, user, action.here) };
      });
  }
}

/** A new connection has joined no class, and has missed presence events. */
function outsideOf(classes: Snapshot["classes"]): Snapshot["classes"] {
  return Object.fromEntries(Object.entries(classes).map(([id, known]) => [id, { ...known, joined: false, changed: emptyClass.changed }]));
}

/** A copy of a map in which one key has another value, or null for none. */
function changed<Value>(map: ReadonlyMap<string, Value>, key: string, value: Value | null): ReadonlyMap<string, Value> {
  const copy = new Map(map);
  if (value === null) copy.delete(key);
  else copy.set(key, value);
  return copy;
}

function setMember(set: Set<string>, member: string, is: boolean): void {
  if (is) set.add(member);
  else set.delete(member);
}

/** Applies updates with one copy of the map of each session that they change. */
function applyUpdates(state: Snapshot, updates: readonly Update[]): Snapshot {
  const copies = new Map<ReadonlyMap<string, MarkRecord>, Map<string, MarkRecord>>();
  for (const { classId, studentId, studentName, status, sessionType, timestamp } of updates) {
    const known = sessionOf(state, classId, sessionType).records;
    let records = copies.get(known);
    if (!records) {
      records = new Map(known);
      copies.set(records, records);
      const copy = records;
      state = withSession(state, classId, sessionType, (session) => ({ ...session, records: copy }));
    }
    const before = records.get(String(studentId));
    if (before && isOlder(timestamp, status, before)) continue;
    // An update does not say who made it; only a fetch does.
    records.set(String(studentId), { studentId, studentName, status, recordedAt: timestamp, recordedBy: "" });
  }
  return state;
}

/**
 * Whether a fetched record is as new as an update that arrived while it was fetched. Timestamps of a class never go back, and all
 * have the same form: they compare as text. Of two changes within a millisecond the update is the later one, or a later one follows.
 */
const isOlder = (timestamp: string, status: Status, record: MarkRecord): boolean =>
  timestamp < record.recordedAt || (timestamp === record.recordedAt && status === record.status);

export const sessionOf = (state: Snapshot, classId: Id, type: string): Session =>
  state.classes[String(classId)]?.sessions[type] ?? emptySession(type);

function withClass(state: Snapshot, classId: Id, change: (known: ClassState) => ClassState): Snapshot {
  const id = String(classId);
  return { ...state, classes: { ...state.classes, [id]: change(state.classes[id] ?? emptyClass) } };
}

function withSession(state: Snapshot, classId: Id, type: string, change: (session: Session) => Session): Snapshot {
  return withClass(state, classId, (known) => ({
    ...known,
    sessions: { ...known.sessions, [type]: change(sessionOf(state, classId, type)) },
  }));
}
