import { useCallback, useEffect, useMemo, useRef, useSyncExternalStore } from "react";
import type { Attendance, Given, StoreOptions } from "./attendance.js";
import type { AttendanceSocket, Reply } from "./connection.js";
import { UnansweredError } from "./errors.js";
import type { Id } from "./events.js";
import { createAttendance, type Options } from "./index.js";
import { emptyClass, initial, type ClassState, type Snapshot } from "./state.js";

/** One class as a component sees it. Actions are those of the store, for this class. */
export interface ClassAttendance extends Pick<Snapshot, "status">, ClassState {
  start: (session: Here<"initiateAttendance", "teacherId">) => Promise<Reply<"initiateAttendance">>;
  end: (session: Here<"endAttendance", "teacherId">) => Promise<Reply<"endAttendance">>;
  mark: (mark: Here<"attendanceMarked", "studentId" | "studentName">) => Promise<Reply<"attendanceMarked">>;
  fetch: (session: Here<"fetchAttendance", "date">) => Promise<Reply<"fetchAttendance">>;
  fetchCode: (session: Here<"fetchAttendanceCode", never>) => Promise<Reply<"fetchAttendanceCode">>;
  setHere: (users: readonly Id[]) => void;
  /** Null until the component is mounted. */
  socket: AttendanceSocket | null;
}
type Here<E extends Parameters<AttendanceSocket["emit"]>[0], Filled extends string> = Given<E, Filled | "classId">;

/** A store that components share, with the number of those that use it and each of its classes. */
interface Shared {
  store: Attendance;
  users: number;
  classes: Map<Id, number>;
}

const shared = new Map<string | Attendance, Shared>();

/** Uses a store and a class of it until the function that is returned is called. A class and a store that nobody uses are closed. */
function acquire(key: string | Attendance, classId: Id, create: () => Attendance): () => void {
  const used = shared.get(key) ?? { store: create(), users: 0, classes: new Map<Id, number>() };
  shared.set(key, used);
  const { store, classes } = used;
  const inClass = classes.get(classId) ?? 0;
  used.users++;
  classes.set(classId, inClass + 1);
  if (inClass === 0) void store.join(classId);
  return () => {
    used.users--;
    classes.set(classId, (classes.get(classId) ?? 1) - 1);
    // StrictMode, and a change of views, unmount a component and mount one that needs the same.
    setTimeout(() => closeUnused(key, used), 0);
  };
}

function closeUnused(key: string | Attendance, used: Shared): void {
  if (shared.get(key) !== used) return;
  const { store, users, classes } = used;
  if (users === 0) {
    shared.delete(key);
    if (typeof key === "string") {
      store.close();
      return;
    }
  }
  for (const [classId, count] of classes) {
    if (count > 0) continue;
    classes.delete(classId);
    store.leave(classId).catch(() => undefined); // the connection broke, and with it the membership
  }
}

/**
 * One class, live. All components that name the same server, user and role share one connection, which is closed after the last of them
 * is unmounted. In place of the server's address, a store that the application made, or a fake one, will do; it stays open.
 */
export function useAttendance(server: string, options: Options & { classId: Id }): ClassAttendance;
export function useAttendance(store: Attendance, options: { classId: Id; name?: string }): ClassAttendance;
export function useAttendance(server: string | Attendance, options: Partial<Options> & { classId: Id }): ClassAttendance {
  const { classId, name } = options;
  const key = typeof server === "string" ? JSON.stringify([server, options.userId, options.role]) : server;
  const latest = useRef(options);
  useEffect(() => {
    latest.current = options;
  });

  const subscribe = useCallback((listener: () => void) => {
    const create = () => {
      if (typeof key !== "string") return key;
      const [url] = JSON.parse(key) as [string];
      const { classId: _, ...rest } = latest.current as Options & { classId: Id };
      // The newest callbacks, not those of the component that was mounted first.
      const auth: StoreOptions["auth"] = rest.auth && ((refused) => latest.current.auth?.(refused));
      return createAttendance(url, { ...rest, auth });
    };
    const release = acquire(key, classId, create);
    const unsubscribe = shared.get(key)?.store.subscribe(listener);
    return () => {
      unsubscribe?.();
      release();
    };
  }, [key, classId]);
  const storeOf = () => shared.get(key)?.store ?? null;
  const store = useSyncExternalStore(subscribe, storeOf, () => null);
  const snapshot = useSyncExternalStore(subscribe, () => storeOf()?.getSnapshot() ?? initial, () => initial);

  const actions = useMemo(() => {
    const withStore = <Answer>(act: (store: Attendance) => Promise<Answer>) =>
      store ? act(store) : Promise.reject(new UnansweredError("You are offline"));
    const named = name === undefined ? {} : { studentName: name };
    return {
      start: (session) => withStore((it) => it.start({ classId, ...session })),
      end: (session) => withStore((it) => it.end({ classId, ...session })),
      mark: (mark) => withStore((it) => it.mark({ classId, ...named, ...mark })),
      fetch: (session) => withStore((it) => it.fetch({ classId, ...session })),
      fetchCode: (session) => withStore((it) => it.fetchCode({ classId, ...session })),
      setHere: (users) => store?.setHere(classId, users),
    } satisfies Partial<ClassAttendance>;
  }, [store, classId, name]);

  const { status, refusal, classes } = snapshot;
  const known = classes[String(classId)] ?? emptyClass;
  return { ...known, status, refusal: refusal ?? known.refusal, socket: store?.socket ?? null, ...actions };
}
