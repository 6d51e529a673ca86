import { memo } from "react";
import type { Student } from "../../api";

interface Props { student: Student; onRemove: (student: Student) => void }

/** One student on the roster. */
export const StudentRow = memo(function StudentRow({ student, onRemove }: Props) {
  const id = String(student.id);
  return (
    <tr role="row">
      <td role="cell" className="cell-name">{student.name ? <bdi>{student.name}</bdi> : <span className="muted">No name yet</span>}</td>
      <td role="cell" className="cell-id muted small mono">{id}</td>
      <td role="cell"><button type="button" className="quiet" aria-label={`Remove ${student.name || id}`} onClick={() => onRemove(student)}>Remove</button></td>
    </tr>
  );
});
