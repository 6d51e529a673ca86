import { request } from "../../api";
import type { User } from "../../attendance/useClassAttendance";
import { ReasonDialog } from "../../shared/ReasonDialog";

interface Props { user: User; path: string; who: string; onClose: () => void; onDone: () => void }

/** Asks why a flag is dismissed, which stays with it. */
export function Dismissal({ user, path, who, onClose, onDone }: Props) {
  const dismiss = (reason: string) => request(user, path, { method: "DELETE", json: { reason } });
  return (
    <ReasonDialog title="Dismiss the flag" action="Dismiss" act={dismiss} onClose={onClose} onDone={onDone}>
      <p className="muted">{who} stay marked as they are. The session’s report keeps the flag with your reason.</p>
    </ReasonDialog>
  );
}
