import { useState } from "react";
import { ApiError, ofClass, request, type Import } from "../../api";
import type { User } from "../../attendance/useAttendance";
import { Confirm } from "../../shared/Confirm";
import { Loading } from "../../shared/Loading";
import { useAction } from "../../shared/useAction";
import { counted } from "../../shared/words";
import { Preview } from "./Preview";

interface Props { classId: string; user: User; onDone: () => void }

/** Takes a roster from a file or the clipboard; shows what would change, and what is wrong, before anything does. */
export function RosterImport({ classId, user, onDone }: Props) {
  const [text, setText] = useState("");
  const [replace, setReplace] = useState(false);
  const [preview, setPreview] = useState<Import | null>(null);
  const [done, setDone] = useState<Import | null>(null);
  const [asking, setAsking] = useState(false);
  const { busy, error, run, forget } = useAction();

  const send = (dryRun: boolean) =>
    request<Import>(user, ofClass(classId, `/roster/import?dryRun=${dryRun}&replace=${replace}`), { method: "POST", csv: text });
  const change = (to: { text?: string; replace?: boolean }) => {
    if (to.text !== undefined) setText(to.text);
    if (to.replace !== undefined) setReplace(to.replace);
    setPreview(null);
    setDone(null);
    forget();
  };
  const check = () => run(async () => setPreview(await send(true)));
  const take = () => run(async () => {
    setDone(await send(false));
    setPreview(null);
    setText("");
    onDone();
  });

  return (
    <section className="card stack import" aria-labelledby="import">
      <h2 id="import">Import a roster</h2>
      <label className="field">
        CSV file
        <input type="file" accept=".csv,.tsv,.txt,text/csv" onChange={(event) => void event.target.files?.[0]?.text().then((read) => change({ text: read }))} />
      </label>
      <label className="field">
        Or paste it
        <textarea className="mono" spellCheck={false} placeholder={"id,name\ns-101,Asha Rao"} value={text} onChange={(event) => change({ text: event.target.value })} />
      </label>
      <label className="check">
        <input type="checkbox" checked={replace} onChange={(event) => change({ replace: event.target.checked })} />
        Remove students who are not in it
      </label>
      <div className="actions">
        <button type="button" className={preview ? "" : "primary"} disabled={busy || text.trim() === ""} onClick={() => void check()}>Check it</button>
        {preview && <button type="button" className="primary" disabled={busy} onClick={() => (preview.removed > 0 ? setAsking(true) : void take())}>Import {counted(preview.students.length, "student")}</button>}
      </div>
      {busy && <Loading what="the answer" />}
      <Confirm
        open={asking}
        title={`Remove ${counted(preview?.removed ?? 0, "student")}?`}
        action="Import and remove"
        onClose={() => setAsking(false)}
        onConfirm={() => void take()}
      >
        They are on the roster and not in this list. The marks that they have stay.
      </Confirm>
      <Preview preview={preview} done={done} error={error?.message ?? null} lines={error instanceof ApiError ? error.lines : []} text={text} />
    </section>
  );
}
