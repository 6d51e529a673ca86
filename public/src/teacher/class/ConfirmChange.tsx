import type { Teacher } from "../../api";
import type { User } from "../../attendance/useClassAttendance";
import { Confirm } from "../../shared/Confirm";

export interface Change { kind: "remove" | "handOver"; teacher: Teacher }
interface Props { change: Change | null; user: User; onClose: () => void; onConfirm: (change: Change) => void }

/** Asks before a teacher is removed or becomes the owner. */
export function ConfirmChange({ change, user, onClose, onConfirm }: Props) {
  const id = String(change?.teacher.id ?? "");
  const removes = change?.kind === "remove";
  return (
    <Confirm
      open={change !== null}
      title={removes ? `Remove ${id}?` : `Hand the class over to ${id}?`}
      action={removes ? "Remove" : "Hand over"}
      onClose={onClose}
      onConfirm={() => change && onConfirm(change)}
    >
      {removes && "This teacher no longer sees the class, from this moment on. What they recorded stays."}
      {!removes && user.role === "admin" && `${id} becomes the owner. The owner so far goes on teaching the class.`}
      {!removes && user.role !== "admin" && `${id} becomes the owner, and only ${id} can hand the class back. You go on teaching it.`}
    </Confirm>
  );
}
