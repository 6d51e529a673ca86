import { useCallback, useEffect, useReducer } from "react";
import type { Ended, Flagged, Id, Presence, Role, Rules, Started, Status, Update } from "../events";
import { ask, socket, type ClientEvent, type Payload } from "../socket";
import { deviceId } from "./device";
import { batchPerFrame } from "./frameBatch";
import { initial, reduce } from "./state";

export interface User { id: string; name: string; role: Role }

/** The sessions that are asked for on joining; others appear when they start. */
const USUAL_TYPES = ["lecture", "lab"];

/**
 * Keeps one class live: connects, identifies, joins, and reduces every event to one state. After a lost connection it does
 * the same again. Actions reject with the server's own sentence. state.error has it too, except for marks: the page shows
 * those errors where the mark was made.
 */
export function useAttendance(classId: string, user: User) {
  const [state, dispatch] = useReducer(reduce, initial);
  const { id, role } = user;

  const askOrReport = useCallback(async <E extends ClientEvent>(event: E, payload: Payload<E>) => {
    try {
      return await ask(event, payload);
    } catch (error) {
      dispatch({ kind: "error", message: (error as Error).message });
      throw error;
    }
  }, []);

  const fetch = useCallback(
    async (sessionType: string) => {
      const { data } = await askOrReport("fetchAttendance", { classId, date: new Date().toISOString(), sessionType });
      if (data) dispatch({ kind: "fetched", sessionType, data });
    },
    [classId, askOrReport],
  );

  useEffect(() => {
    const updates = batchPerFrame<Update>((data) => dispatch({ kind: "updates", data }));

    async function enter() {
      await askOrReport("identify", { userId: id, role });
      await askOrReport("joinClass", { userId: id, classId });
      await Promise.all(USUAL_TYPES.map(fetch));
      dispatch({ kind: "joined" });
    }

    const onConnect = () => {
      dispatch({ kind: "link", link: "online" });
      void enter().catch(() => undefined); // askOrReport has put the reason into the state
    };
    const onDisconnect = () => dispatch({ kind: "link", link: "offline" });
    const onConnectError = (error: Error) => {
      // The client goes on trying by itself, except when the server has said no.
      if (socket.active) dispatch({ kind: "link", link: "offline" });
      else dispatch({ kind: "link", link: "refused", error: `The server refused the connection: ${error.message}.` });
    };
    // After identify, the server also sends what is active in the classes of a connection that broke.
    const ofThisClass = <Data extends { classId: Id }>(handle: (data: Data) => void) => (data: Data) => {
      if (String(data.classId) === classId) handle(data);
    };
    const onStarted = ofThisClass((data: Started) => {
      updates.flush();
      dispatch({ kind: "started", data });
      // The live roster shows every student, and only a fetch has the records of those who are not marked yet.
      if (role === "teacher") void fetch(data.sessionType).catch(() => undefined);
    });
    const onEnded = ofThisClass((data: Ended) => {
      updates.flush();
      dispatch({ kind: "ended", data });
    });
    const onUpdate = ofThisClass(updates.add);
    const onFlagged = ofThisClass((data: Flagged) => dispatch({ kind: "flagged", data }));
    const onJoined = ({ userId }: Presence) => dispatch({ kind: "presence", user: userId, here: true });
    const onLeft = ({ userId }: Presence) => dispatch({ kind: "presence", user: userId, here: false });

    socket.on("connect", onConnect);
    socket.on("disconnect", onDisconnect);
    socket.on("connect_error", onConnectError);
    socket.on("attendanceStarted", onStarted);
    socket.on("attendanceEnded", onEnded);
    socket.on("attendanceUpdate", onUpdate);
    socket.on("attendance:flag", onFlagged);
    socket.on("userJoined", onJoined);
    socket.on("userLeft", onLeft);
    socket.connect();
    return () => {
      socket.off("connect", onConnect);
      socket.off("disconnect", onDisconnect);
      socket.off("connect_error", onConnectError);
      socket.off("attendanceStarted", onStarted);
      socket.off("attendanceEnded", onEnded);
      socket.off("attendanceUpdate", onUpdate);
      socket.off("attendance:flag", onFlagged);
      socket.off("userJoined", onJoined);
      socket.off("userLeft", onLeft);
      updates.cancel();
      socket.disconnect();
    };
  }, [classId, id, role, askOrReport, fetch]);

  const initiate = useCallback(
    (sessionType: string, more: Partial<Rules> & { frequency?: number[] } = {}) =>
      askOrReport("initiateAttendance", { classId, teacherId: id, sessionType, ...more }),
    [classId, id, askOrReport],
  );
  const end = useCallback(
    (sessionType: string) => askOrReport("endAttendance", { classId, teacherId: id, sessionType }),
    [classId, id, askOrReport],
  );
  const mark = useCallback(
    (student: { id: Id; name: string }, status: Status, sessionType: string, proof: { code?: string } = {}) =>
      ask("attendanceMarked", {
        classId, studentId: student.id, studentName: student.name, status, sessionType, ...proof,
        ...(role === "student" ? { deviceId: deviceId() } : {}),
      }),
    [classId, role],
  );
  const knowHere = useCallback((users: readonly Id[]) => dispatch({ kind: "here", users }), []);
  const dismiss = useCallback(() => dispatch({ kind: "error", message: null }), []);

  return { state, initiate, end, mark, knowHere, dismiss };
}

export type AttendanceOf = ReturnType<typeof useAttendance>;
