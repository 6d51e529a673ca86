import type { MarkRecord } from "@neuracampus/attendance-client";
import type { Flag } from "../../api";
import type { User } from "../../attendance/useClassAttendance";
import { Alert } from "../../shared/Alert";
import { useResource } from "../../shared/useResource";
import { FlagList } from "./FlagList";

interface Props { user: User; path: string; records: readonly MarkRecord[] }

/** All flags of a session, dismissed ones with the reason. */
export function SessionFlags({ user, path, records }: Props) {
  const { data, error, reload } = useResource<{ flags: Flag[] }>(user, `${path}/flags`);
  if (error) return <Alert message={error} onDismiss={reload} dismiss="Try again" />;
  if (!data || data.flags.length === 0) return null;
  const names = new Map(records.map((record) => [String(record.studentId), record.studentName]));
  return (
    <section className="stack" aria-label="Flags">
      <h3>Flags</h3>
      <FlagList user={user} path={path} flags={data.flags} names={names} onDismissed={reload} />
    </section>
  );
}
