import { useEffect, useMemo, useState } from "react";
import type { Session } from "@neuracampus/attendance-client";
import type { Flag } from "../../api";
import type { User } from "../../attendance/useClassAttendance";
import { useResource } from "../../shared/useResource";
import { findSession } from "../live/findSession";

/** The flags of a session that are not dismissed. They are read again when one is raised, and after a reconnect. */
export function useLiveFlags(user: User, classId: string, session: Session, joined: boolean) {
  const { type, phase, flagged } = session;
  const held = joined && phase !== "initial";
  const [found, setFound] = useState({ type: "", path: "" });
  const path = found.type === type ? found.path : null;
  const failed = path === null && flagged; // then the next flag tries again
  useEffect(() => {
    if (!held) return;
    let stale = false;
    findSession(user, classId, type).then((id) => {
      if (!stale) setFound({ type, path: `/sessions/${id}` });
    }, () => undefined);
    return () => {
      stale = true;
    };
  }, [user, classId, type, phase, held, failed]);

  const { data, reload } = useResource<{ flags: Flag[] }>(user, held && path ? `${path}/flags` : null, flagged);
  const flags = useMemo(() => data?.flags.filter((flag) => !flag.dismissal) ?? [], [data]);
  const students = useMemo(() => new Set(flags.flatMap(({ studentIds }) => studentIds.map(String))), [flags]);
  return { path, flags, students, reload };
}
