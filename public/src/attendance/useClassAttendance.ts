import type { Role } from "@neuracampus/attendance-client";
import { useAttendance, type ClassAttendance } from "@neuracampus/attendance-client/react";
import { useMemo, useState } from "react";
import { logged } from "../developer/record";
import { token } from "../token";

export interface User { id: string; name: string; role: Role }

const path = document.querySelector<HTMLMetaElement>("meta[name=socket-path]")?.content ?? "/socket.io";

/** One class, live, from the server that the page came from. The error is why a session could not be started or ended, or the class not be entered. */
export function useClassAttendance(classId: string, { id, name, role }: User) {
  const attendance = useAttendance(location.origin, { ...logged, userId: id, name, role, classId, path, auth: token.get });
  const [error, setError] = useState<string | null>(null);
  const { start, end } = attendance;

  const actions = useMemo(() => {
    const reporting = <Given, Answer>(act: (given: Given) => Promise<Answer>) => async (given: Given) => {
      try {
        return await act(given);
      } catch (problem) {
        setError((problem as Error).message);
        throw problem;
      }
    };
    return { start: reporting(start), end: reporting(end), dismiss: () => setError(null) };
  }, [start, end]);
  return { ...attendance, ...actions, error: error ?? explained(attendance) };
}

export type AttendanceOf = ReturnType<typeof useClassAttendance>;

function explained({ status, refusal }: ClassAttendance): string | null {
  if (!refusal) return null;
  return status === "refused" ? `The server refused the connection: ${refusal.message}.` : refusal.message;
}
