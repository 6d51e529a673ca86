import type { Send } from "./connection.js";
import type { Id, Update } from "./events.js";
import { batchPerFrame } from "./frameBatch.js";
import { initial, reduce, type Action } from "./state.js";

export type Snapshots = ReturnType<typeof holdSnapshot>;

/** Holds the snapshot, and applies what comes from the server in the right order. */
export function holdSnapshot(send: Send) {
  const listeners = new Set<() => void>();
  /** For each fetch that is under way: what has arrived since it was sent. */
  const fetches = new Set<Action[]>();
  let snapshot = initial;

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
  return {
    getSnapshot: () => snapshot,
    subscribe: (listener: () => void) => {
      listeners.add(listener);
      return () => void listeners.delete(listener);
    },
    dispatch,
    /** Applies what the server has sent to the class. */
    arrived: (action: Action) => {
      noteForFetches(action);
      dispatch(action);
    },
    /** Applies an update with the others of the frame. */
    updated: (data: Update) => {
      noteForFetches({ kind: "updates", data: [data] });
      updates.add(data);
    },
    /**
     * Asks for today's session of a type, or, with the `until` of the last answer, for what has changed in it. What arrives meanwhile may
     * be newer than the answer, so it is applied again on top of it. What arrived before is in the answer, because the server commits
     * before it sends.
     */
    refresh: async (classId: Id, sessionType: string, since = new Date(0).toISOString()) => {
      const later: Action[] = [];
      fetches.add(later);
      try {
        const reply = await send("fetchAttendance", { classId, date: new Date().toISOString(), sessionType, since });
        dispatch({ kind: "fetched", data: { ...reply, classId, sessionType } }, ...later);
        return reply;
      } finally {
        fetches.delete(later);
      }
    },
  };
}
