import { PAUSE, type AttendanceSocket, type Send } from "./connection.js";
import { RefusedError, refusalOf, UnansweredError, type Refusal } from "./errors.js";
import type { Id, Identify, Refused } from "./events.js";
import type { Snapshots } from "./snapshots.js";
import { sessionOf } from "./state.js";

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

/**
 * Identifies on each connection, enters the classes that the user wants to be in, and brings them up to date. It calls onEntered when a
 * class can be sent something, and refuse when the server does not let this user in.
 */
export function keepMembership(
  socket: AttendanceSocket,
  send: Send,
  { dispatch, getSnapshot, refresh, subscribe }: Snapshots,
  { userId, role }: Identify,
  sessionTypes: readonly string[],
  onEntered: () => void,
  refuse: (refusal: Refusal) => void,
) {
  const wanted = new Map<string, Wanted>();
  let connection = 0; // counts them; a lost one is another number, too
  let identified = false;
  let busy = false;
  let entering = 0;

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
        for (const type of [...sessionTypes, ...Object.keys(getSnapshot().classes[String(classId)]?.sessions ?? {})]) stale.add(type);
        onEntered();
      }
      const types = [...stale];
      stale.clear();
      await Promise.all(types.map((type) => refresh(classId, type, sessionOf(getSnapshot(), classId, type).until).catch((error: unknown) => {
        stale.add(type);
        throw error;
      })));
      if (isCurrent()) dispatch({ kind: "inside", classId, joined: true });
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
        const open = [...wanted.values()].filter((known) => !known.refused && (!known.entered || known.stale.size));
        if (!open.length) break;
        await Promise.all(open.map(enter));
        if (mine !== connection) return;
      }
      if (getSnapshot().status !== "live") dispatch({ kind: "link", status: "live" });
    } catch (error) {
      if (mine !== connection) return;
      if (error instanceof UnansweredError) setTimeout(() => void synchronize(), PAUSE);
      else refuse(refusalOf(error));
    } finally {
      if (mine === connection) busy = false;
    }
  }

  /** Forgets what the connection was, which is lost or new. */
  function startOver(): void {
    connection++;
    identified = busy = false;
    for (const known of wanted.values()) {
      known.entered = known.refused = false;
      known.stale.clear();
    }
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

  /** Settles when a class is known or refused. */
  const settled = (id: string) => {
    const promise = new Promise<void>((resolve, reject) => {
      const look = () => {
        const { status, refusal: refused, classes } = getSnapshot();
        const refusal = refused ?? classes[id]?.refusal;
        if (status === "live" && classes[id]?.joined) resolve();
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
    wanted,
    join: (classId: Id) => {
      const id = String(classId);
      const known = wanted.get(id);
      if (!known || known.refused) {
        wanted.set(id, { classId, stale: new Set() });
        dispatch({ kind: "inside", classId, joined: false });
        void synchronize();
      }
      return settled(id);
    },
    leave: async (classId: Id) => {
      wanted.delete(String(classId));
      dispatch({ kind: "left", classId });
      if (socket.connected) await send("leaveClass", { userId, classId });
    },
    synchronize,
    startOver,
    removed,
  };
}
