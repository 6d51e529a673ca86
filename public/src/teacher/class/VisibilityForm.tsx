import { useState } from "react";
import { ofClass, request, type Asker, type Class, type Visibility } from "../../api";
import { Alert } from "../../shared/Alert";
import { Loading } from "../../shared/Loading";
import { useAction } from "../../shared/useAction";
import { useResource } from "../../shared/useResource";
import "../rules/rules.css";

const CHOICES: readonly { visibility: Visibility; title: string; effect: string }[] = [
  { visibility: "class", title: "The class", effect: "Students see who is here and how everybody was marked." },
  { visibility: "own", title: "Only themselves", effect: "Students see their own attendance, and nothing of the others." },
];

/** What the students of the class see of each other. */
export function VisibilityForm({ classId, user }: { classId: string; user: Asker }) {
  const { data, error, reload } = useResource<Class>(user, ofClass(classId));
  const [chosen, setChosen] = useState<Visibility | null>(null);
  const [saved, setSaved] = useState(false);
  const saving = useAction();
  const current = chosen ?? data?.visibility;

  const save = async (event: React.SubmitEvent) => {
    event.preventDefault();
    if (!(await saving.run(() => request(user, ofClass(classId), { method: "PATCH", json: { visibility: chosen } })))) return;
    setChosen(null);
    setSaved(true);
    reload();
  };

  return (
    <section className="card stack" aria-labelledby="visibility">
      <h2 id="visibility">What students see</h2>
      {error && <Alert message={error} onDismiss={reload} dismiss="Try again" />}
      {!current && !error && <Loading what="the setting" />}
      {current && (
        <form className="stack" onSubmit={(event) => void save(event)}>
          <fieldset className="stack">
            <legend className="hidden">What students see</legend>
            {CHOICES.map(({ visibility, title, effect }) => (
              <label key={visibility} className="rule">
                <input
                  type="radio" name="visibility" checked={current === visibility}
                  onChange={() => {
                    setChosen(visibility);
                    setSaved(false);
                  }}
                />
                <span>{title}</span>
                <span className="muted small">{effect}</span>
              </label>
            ))}
          </fieldset>
          {saving.error && <Alert message={saving.error.message} />}
          <div className="actions">
            <button type="submit" className="primary" disabled={!chosen || chosen === data?.visibility || saving.busy}>Save</button>
            <p className="muted" role="status">{saved && "Saved. Everybody sees it so from now on."}</p>
          </div>
        </form>
      )}
    </section>
  );
}
