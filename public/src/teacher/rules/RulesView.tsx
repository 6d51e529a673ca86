import { useState } from "react";
import type { Rules } from "@neuracampus/attendance-client";
import { ofClass, request, type Class } from "../../api";
import type { User } from "../../attendance/useClassAttendance";
import { Alert } from "../../shared/Alert";
import { Loading } from "../../shared/Loading";
import { useAction } from "../../shared/useAction";
import { useResource } from "../../shared/useResource";
import { RulesFields } from "./RulesFields";
import "./rules.css";

/** The rules that every new session of this class begins with. */
export function RulesView({ classId, user }: { classId: string; user: User }) {
  const { data, error, reload } = useResource<Class>(user, ofClass(classId));
  const [edited, setEdited] = useState<Rules | null>(null);
  const [saved, setSaved] = useState(false);
  const saving = useAction();
  const rules = edited ?? data;

  const save = async (event: React.SubmitEvent) => {
    event.preventDefault();
    if (!edited) return;
    const { proof, lateAfter, endsAfter } = edited;
    if (!(await saving.run(() => request(user, ofClass(classId), { method: "PATCH", json: { proof, lateAfter, endsAfter } })))) return;
    setEdited(null);
    setSaved(true);
    reload();
  };

  return (
    <section className="card stack" aria-labelledby="rules">
      <header>
        <h2 id="rules">Rules of this class</h2>
        <p className="muted">Every session starts with these rules. You can change them for one session when you start it.</p>
      </header>
      {error && <Alert message={error} onDismiss={reload} dismiss="Try again" />}
      {!rules && !error && <Loading what="the rules" />}
      {rules && (
        <form className="stack" onSubmit={(event) => void save(event)}>
          <RulesFields
            rules={rules}
            onChange={(changed) => {
              setEdited(changed);
              setSaved(false);
            }}
          />
          {saving.error && <Alert message={saving.error.message} />}
          <div className="actions">
            <button type="submit" className="primary" disabled={!edited || saving.busy}>Save</button>
            <p className="muted" role="status">{saved && "Saved. The next session starts with these rules."}</p>
          </div>
        </form>
      )}
    </section>
  );
}
