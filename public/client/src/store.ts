import type { Socket } from "socket.io-client";
import type { Attendance, StoreOptions } from "./attendance.js";
import { ask, authenticate, type AttendanceSocket, type ClientEvent, type Payload } from "./connection.js";
import { RefusedError, refusalOf, UnansweredError, type Refusal } from "./errors.js";
import { batchPerFrame } from "./frameBatch.js";
import type { Ended, Flagged, Id, Presence, Refused, Started, Update } from "./events.js";
import { keepMarks } from "./pendingMarks.js";
import { initial, reduce, sessionOf, type Action } from "./state.js";
import { tabStorage } from "./storage.js";

/** How long after an attempt without an answer the next one begins, in milliseconds. */
const PAUSE = 1000;

/** A class that this user wants to be in, as this connection has it. */
interface Wanted {
  classId: Id;
  /** This connection is sent the events of the class. */
  entered?: boolean;
  /** The server keeps this user out. The next connection tries it again. */
  refused?: boolean;
  /** The session types that have to be asked for. */
  stale: Set<string>;
}

/** Keeps one user's attendance live over a socket, which it connects. */
export function createStore(socket: AttendanceSocket, options: StoreOptions): Attendance {
  const { userId, role, name = "", sessionTypes = ["lecture", "lab"], storage = tabStorage(), onSocket, onReply } = options;
  const listeners = new Set<() => void>();
  const wanted = new Map<string, Wanted>();
  /** For each fetch that is under way: what has arrived since it was sent. */
  const fetches = new Set<Action[]>();
  let snapshot = initial;
  let connection = 0; // counts them; a lost one is another number, too
  let identified = false;
  let busy = false;
  let entering = 0;
  let retry: ReturnType<typeof setTimeout> | undefined;

  const isWanted = (classId: Id) => wanted.has(String(classId));
  const apply = (...actions: Action[]) => {
    snapshot = actions.reduce(reduce, snapshot);
    for (const listener of listeners) listener();
  };
  const updates = batchPerFrame<Update>((data) => apply({ kind: "updates", data }));
  const dispatch = (...actions: Action[]) => {
    updates.flush(); // they came first
    apply(...actions);
  };
  const noteForFetches = (action: Action) => {
    for (const later of fetches) later.push(action);
  };
  const arrived = (action: Action) => {
    noteForFetches(action);
    dispatch(action);
  };
  const subscribe = (listener: () => void) => {
    listeners.add(listener);
    return () => void listeners.delete(listener);
  };
  const send = <E extends ClientEvent>(event: E, payload: Payload<E>) => ask(socket, event, payload, onReply);

  const tokens = authenticate(socket, options.auth, PAUSE);
  const marks = keepMarks({
    storage,
    slot: `attendance.pending.${role}.${userId}`,
    ready: ({ classId }) => Boolean(wanted.get(String(classId))?.entered),
    send: (mark) => send("attendanceMarked", mark),
    report: ({ classId, sessionType, studentId }, sending) => dispatch({ kind: "sending", classId, sessionType, studentId, sending }),
    pause: PAUSE,
  });

  /**
   * Asks for today's session of a type, or, with the `until` of the last answer, for what has changed in it. What arrives meanwhile may be
   * newer than the answer, so it is applied again on top of it. What arrived before is in the answer, because the server commits before it
   * sends.
   */
  async function refresh(classId: Id, sessionType: string, since = new Date(0).toISOString()) {
    const later: Action[] = [];
    fetches.add(later);
    try {
      const reply = await send("fetchAttendance", { classId, date: new Date().toISOString(), sessionType, since });
      dispatch({ kind: "fetched", data: { ...reply, classId, sessionType } }, ...later);
      return reply;
    } finally {
      fetches.delete(later);
    }
  }

  /** Brings one class up to date. */
  async function enter(known: Wanted): Promise<void> {
    const { classId, stale } = known;
    const mine = connection;
    const isCurrent = () => mine === connection && wanted.get(String(classId)) === known;
    try {
      if (!known.entered) {
        entering++;
        await send("joinClass", { userId, classId }).finally(() => entering--);
        if (!isCurrent()) return;
        known.entered = true;
        for (const type of [...sessionTypes, ...Object.keys(snapshot.classes[String(classId)]?.sessions ?? {})]) stale.add(type);
        marks.flush();
      }
      const types = [...stale];
      stale.clear();
      await Promise.all(types.map((type) => refresh(classId, type, sessionOf(snapshot, classId, type).until).catch((error: unknown) => {
        stale.add(type);
        throw error;
      })));
      if (isCurrent()) dispatch({ kind: "joined", classId });
    } catch (error) {
      if (error instanceof UnansweredError) throw error;
      if (!isCurrent()) return;
      known.entered = false;
      known.refused = true;
      dispatch({ kind: "outside", classId, refusal: refusalOf(error) });
    }
  }

  /** Identifies, and enters the classes that this connection is not in yet or does not know all of. Tries again until that is done. */
  async function synchronize(): Promise<void> {
    if (busy || !socket.connected) return;
    const mine = connection;
    busy = true;
    try {
      if (!identified) await send("identify", { userId, role });
      if (mine !== connection) return;
      identified = true;
      for (;;) {
        const open = [...wanted.values()].filter((known) => !known.refused && (!known.entered || known.stale.size > 0));
        if (open.length === 0) break;
        await Promise.all(open.map(enter));
        if (mine !== connection) return;
      }
      if (snapshot.status !== "live") dispatch({ kind: "link", status: "live" });
    } catch (error) {
      if (mine !== connection) return;
      if (error instanceof UnansweredError) retry = setTimeout(() => void synchronize(), PAUSE);
      else refuse(refusalOf(error));
    } finally {
      if (mine === connection) busy = false;
    }
  }

  function startOver(): void {
    connection++;
    clearTimeout(retry);
    identified = busy = false;
    for (const known of wanted.values()) {
      known.entered = known.refused = false;
      known.stale.clear();
    }
  }

  function refuse(refusal: Refusal): void {
    socket.disconnect();
    dispatch({ kind: "link", status: "refused", refusal });
  }

  /** A class has removed this user. The event does not say which. */
  async function removed({ message }: Refused): Promise<void> {
    if (entering) return; // it refuses that
    const inside = [...wanted.values()].filter(({ entered }) => entered);
    for (const { classId } of inside) {
      const out = inside.length === 1 || (await refresh(classId, sessionTypes[0] ?? "lecture").then(() => false, (error: unknown) => error instanceof RefusedError));
      if (!out) continue;
      wanted.delete(String(classId)); // to join again by itself would undo the removal where everybody may join
      dispatch({ kind: "outside", classId, refusal: { message, reason: "removed" } });
    }
  }

  /** A presence event does not name its class, so it says something only while there is one. */
  const presence = (here: boolean) => ({ userId: user }: Presence) => {
    const [only, another] = wanted.values();
    if (only && !another) dispatch({ kind: "presence", classId: only.classId, user, here });
  };

  const handlers = {
    connect: () => {
      startOver();
      tokens.accepted();
      dispatch({ kind: "link", status: "connecting" });
      void synchronize();
    },
    disconnect: (reason: string) => {
      startOver();
      dispatch({ kind: "link", status: "offline" });
      if (reason === "io server disconnect") refuse({ message: "The server has ended the connection", reason: "disconnected" });
    },
    connect_error: (error: Error & { data?: { reason?: string } }) => {
      const reason = error.data?.reason ?? "";
      // The client goes on trying by itself, except when the server has said no.
      if (socket.active) dispatch({ kind: "link", status: "offline" });
      else if (!tokens.refresh(reason)) refuse({ message: error.message, reason });
    },
    attendanceStarted: (data: Started) => {
      const known = wanted.get(String(data.classId));
      if (!known) return;
      arrived({ kind: "started", data });
      // Only a fetch has the records of those who are not marked yet, and only a teacher looks at all of them.
      if (role === "student" || !known.entered) return;
      known.stale.add(data.sessionType);
      void synchronize();
    },
    attendanceEnded: (data: Ended) => {
      if (isWanted(data.classId)) arrived({ kind: "ended", data });
    },
    attendanceUpdate: (data: Update) => {
      if (!isWanted(data.classId)) return;
      noteForFetches({ kind: "updates", data: [data] });
      updates.add(data);
    },
    "attendance:flag": (data: Flagged) => {
      if (isWanted(data.classId)) dispatch({ kind: "flagged", data });
    },
    userJoined: presence(true),
    userLeft: presence(false),
    "class:error": (data: Refused) => void removed(data),
  };
  const each = Object.entries(handlers) as [string, () => void][];
  const untyped = socket as unknown as Socket;
  for (const [event, handler] of each) untyped.on(event, handler);
  onSocket?.(socket);
  socket.connect();

  /** Settles when a class is known or refused. */
  const settled = (id: string) => {
    const promise = new Promise<void>((resolve, reject) => {
      const look = () => {
        const refusal = snapshot.refusal ?? snapshot.classes[id]?.refusal;
        if (snapshot.status === "live" && snapshot.classes[id]?.joined) resolve();
        else if (refusal) reject(new RefusedError(refusal.message, refusal.reason));
        else if (!wanted.has(id)) reject(new UnansweredError("The class was left"));
        else return;
        stop();
      };
      const stop = subscribe(look);
      look();
    });
    promise.catch(() => undefined); // the snapshot says it, too
    return promise;
  };

  return {
    socket,
    subscribe,
    getSnapshot: () => snapshot,
    join: (classId) => {
      const id = String(classId);
      const known = wanted.get(id);
      if (!known || known.refused) {
        wanted.set(id, { classId, stale: new Set() });
        dispatch({ kind: "joining", classId });
        void synchronize();
      }
      return settled(id);
    },
    leave: async (classId) => {
      wanted.delete(String(classId));
      dispatch({ kind: "left", classId });
      if (socket.connected) await send("leaveClass", { userId, classId });
    },
    start: (session) => send("initiateAttendance", { teacherId: userId, ...session }),
    end: (session) => send("endAttendance", { teacherId: userId, ...session }),
    mark: (mark) => marks.add({ studentId: userId, studentName: name, ...mark }),
    fetch: ({ date, ...session }) =>
      date === undefined ? refresh(session.classId, session.sessionType) : send("fetchAttendance", { date, ...session }),
    fetchCode: (session) => send("fetchAttendanceCode", session),
    setHere: (classId, users) => dispatch({ kind: "here", classId, users }),
    close: () => {
      for (const [event, handler] of each) untyped.off(event, handler);
      startOver();
      wanted.clear();
      updates.cancel();
      tokens.stop();
      marks.close(new UnansweredError("The connection was closed"));
      socket.disconnect();
      apply({ kind: "link", status: "offline" });
    },
  };
}
