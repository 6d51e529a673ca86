import type { Socket } from "socket.io-client";
import type { Attendance, StoreOptions } from "./attendance.js";
import { authenticate, sender, type AttendanceSocket } from "./connection.js";
import { UnansweredError, type Refusal } from "./errors.js";
import type { Ended, Flagged, Id, Presence, Refused, Started, Update } from "./events.js";
import { keepMembership } from "./membership.js";
import { keepMarks } from "./pendingMarks.js";
import { holdSnapshot } from "./snapshots.js";

/** Keeps one user's attendance live over a socket, which it connects. */
export function createStore(socket: AttendanceSocket, options: StoreOptions): Attendance {
  const { userId, role, name = "", sessionTypes = ["lecture", "lab"], onSocket, onReply } = options;
  const untyped = socket as unknown as Socket;
  const send = sender(untyped, onReply);
  const snapshots = holdSnapshot(send);
  const { arrived, dispatch, getSnapshot, refresh, subscribe, updated } = snapshots;
  const refuse = (refusal: Refusal) => {
    socket.disconnect();
    dispatch({ kind: "link", status: "refused", refusal });
  };
  const { wanted, join, leave, synchronize, startOver, removed } = keepMembership(socket, send, snapshots, options, sessionTypes, () => marks.flush(), refuse);
  const wantedOf = (classId: Id) => wanted.get(String(classId));
  const tokens = authenticate(socket, options.auth);
  const marks = keepMarks({
    storage: () => options.storage ?? sessionStorage,
    slot: `attendance.${role}.${userId}`,
    ready: ({ classId }) => Boolean(wantedOf(classId)?.entered),
    send: (mark) => send("attendanceMarked", mark),
    report: ({ classId, sessionType, studentId }, sending) => dispatch({ kind: "sending", classId, sessionType, studentId, sending }),
  });

  /** A presence event does not name its class, so it says something only while there is one. */
  const presence = (here: boolean) => ({ userId: user }: Presence) => {
    const [only, another] = wanted.values();
    if (only && !another) dispatch({ kind: "presence", classId: only.classId, user, here });
  };

  let latestError = "";
  const handlers = {
    connect: () => {
      startOver();
      tokens.accepted();
      dispatch({ kind: "link", status: "connecting" });
      void synchronize();
    },
    disconnect: (reason: string) => {
      startOver();
      // The server ends only the oldest of too many connections of a user in this way. To connect again would end the next one.
      if (reason === "io server disconnect") refuse({ message: latestError, reason: "too_many_sockets" });
      else dispatch({ kind: "link", status: "offline" });
    },
    connect_error: (error: Error & { data?: { reason?: string } }) => {
      const reason = error.data?.reason ?? "";
      // The client goes on trying by itself, except when the server has said no.
      if (socket.active) dispatch({ kind: "link", status: "offline" });
      else if (!tokens.refresh(reason)) refuse({ message: error.message, reason });
    },
    "attendance:error": ({ message }: Refused) => {
      latestError = message;
    },
    // Of a class that the user has left, something may still be on its way.
    attendanceStarted: (data: Started) => {
      const known = wantedOf(data.classId);
      if (!known) return;
      arrived({ kind: "started", data });
      // Only a fetch has the records of those who are not marked yet, and only a teacher looks at all of them.
      if (role === "student" || !known.entered) return;
      known.stale.add(data.sessionType);
      void synchronize();
    },
    attendanceEnded: (data: Ended) => {
      if (wantedOf(data.classId)) arrived({ kind: "ended", data });
    },
    attendanceUpdate: (data: Update) => {
      if (wantedOf(data.classId)) updated(data);
    },
    "attendance:flag": (data: Flagged) => {
      if (wantedOf(data.classId)) dispatch({ kind: "flagged", data });
    },
    userJoined: presence(true),
    userLeft: presence(false),
    "class:error": removed,
  };
  const each = Object.entries(handlers) as [string, () => void][];
  for (const [event, handler] of each) untyped.on(event, handler);
  onSocket?.(socket);
  socket.connect();

  return {
    socket,
    subscribe,
    getSnapshot,
    join,
    leave,
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
      tokens.stop();
      marks.close(new UnansweredError("The connection was closed"));
      socket.disconnect();
      dispatch({ kind: "link", status: "offline" });
    },
  };
}
