import { useDeferredValue, useState } from "react";
import { ofClass, type StudentTally } from "../../api";
import type { User } from "../../attendance/useClassAttendance";
import { Alert } from "../../shared/Alert";
import { StatusBar } from "../../shared/StatusBar";
import { useResource } from "../../shared/useResource";
import { counted, percent } from "../../shared/words";

/** Students whose attendance is under a threshold. */
export function Below({ classId, user }: { classId: string; user: User }) {
  const [threshold, setThreshold] = useState(75);
  const asked = useDeferredValue(threshold);
  const { data, error, reload } = useResource<{ students: StudentTally[] }>(user, ofClass(classId, `/statistics/students?below=${asked / 100}`));

  return (
    <section className="card stack" aria-labelledby="below">
      <header className="view-head">
        <h3 id="below">Below the threshold</h3>
        <label className="inline">
          Under
          <input type="range" min="0" max="100" step="5" value={threshold} onChange={(event) => setThreshold(event.target.valueAsNumber)} />
          <output>{threshold} %</output>
        </label>
      </header>
      {error && <Alert message={error} onDismiss={reload} dismiss="Try again" />}
      <p className="muted" role="status">
        {data && (data.students.length === 0 ? `No student is under ${asked} %.` : `${counted(data.students.length, "student is", "students are")} under ${asked} %.`)}
      </p>
      <ul className="rows">
        {data?.students.map((student) => (
          <li key={String(student.studentId)} className="row">
            <span className="row-text">
              <span>{student.studentName || String(student.studentId)}</span>
              <span className="muted small">{student.present + student.late} of {student.held - student.excused}</span>
            </span>
            <StatusBar tally={student} />
            <span className="row-number">{percent(student.rate)}</span>
          </li>
        ))}
      </ul>
    </section>
  );
}
