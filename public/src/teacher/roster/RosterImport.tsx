import { useState } from "react";
import { ApiError, ofClass, request, type Import, type RosterTable } from "../../api";
import type { User } from "../../attendance/useClassAttendance";
import { Confirm } from "../../shared/Confirm";
import { Loading } from "../../shared/Loading";
import { useAction } from "../../shared/useAction";
import { counted } from "../../shared/words";
import { Columns } from "./Columns";
import { mappingOf, queryOf, type Mapping } from "./mapping";
import { Preview } from "./Preview";

interface Props { classId: string; user: User; onDone: () => void }

/** Imports a roster from a file or the clipboard. It first shows what would change and what is wrong. */
export function RosterImport({ classId, user, onDone }: Props) {
  const [text, setText] = useState("");
  const [file, setFile] = useState<Blob | null>(null); // sent as it is: the server reads more encodings
  const [replace, setReplace] = useState(false);
  const [table, setTable] = useState<RosterTable | null>(null);
  const [mapping, setMapping] = useState<Mapping | null>(null);
  const [preview, setPreview] = useState<Import | null>(null);
  const [done, setDone] = useState<Import | null>(null);
  const [asking, setAsking] = useState(false);
  const { busy, error, run, forget } = useAction();

  const send = (dryRun: boolean) =>
    request<Import>(user, ofClass(classId, `/roster/import?dryRun=${dryRun}&replace=${replace}${queryOf(mapping)}`), { method: "POST", csv: file ?? text });
  const changed = () => {
    setPreview(null);
    setDone(null);
    forget();
  };
  const take = (input: { text: string; file: Blob | null }) => {
    setText(input.text);
    setFile(input.file);
    setTable(null);
    setMapping(null);
    changed();
  };
  const check = () => run(async () => {
    try {
      const answer = await send(true);
      setTable(answer.table);
      setPreview(answer);
    } catch (problem) {
      if (problem instanceof ApiError && problem.table) setTable(problem.table);
      throw problem;
    }
  });
  const store = () => run(async () => {
    const answer = await send(false);
    take({ text: "", file: null });
    setDone(answer);
    onDone();
  });

  return (
    <section className="card stack import" aria-labelledby="import">
      <h2 id="import">Import a roster</h2>
      <label className="field">
        CSV file
        <input type="file" accept=".csv,.tsv,.txt,text/csv" onChange={(event) => void readable(event.target.files?.[0]).then(take)} />
      </label>
      <label className="field">
        Or paste it
        <textarea className="mono" spellCheck={false} placeholder={"id,name\ns-101,Asha Rao"} value={text} onChange={(event) => take({ text: event.target.value, file: null })} />
      </label>
      <label className="check">
        <input type="checkbox" checked={replace} onChange={(event) => { setReplace(event.target.checked); changed(); }} />
        Remove students who are not in it
      </label>
      <div className="actions">
        <button type="button" className={preview ? "" : "primary"} disabled={busy || (!file && text.trim() === "")} onClick={() => void check()}>Check it</button>
        {preview && <button type="button" className="primary" disabled={busy} onClick={() => (preview.removed > 0 ? setAsking(true) : void store())}>Import {counted(preview.students.length, "student")}</button>}
      </div>
      {busy && <Loading what="the answer" />}
      <Confirm
        open={asking}
        title={`Remove ${counted(preview?.removed ?? 0, "student")}?`}
        action="Import and remove"
        onClose={() => setAsking(false)}
        onConfirm={() => void store()}
      >
        They are on the roster, but not in this list. Their marks stay.
      </Confirm>
      {table && <Columns table={table} mapping={mapping ?? mappingOf(table)} onChange={(to) => { setMapping(to); changed(); }} />}
      <Preview preview={preview} done={done} error={error?.message ?? null} lines={error instanceof ApiError ? error.lines : []} text={text} />
    </section>
  );
}

/** A file, and its text if it is UTF-8. */
async function readable(file?: File): Promise<{ text: string; file: Blob | null }> {
  if (!file) return { text: "", file: null };
  try {
    return { text: new TextDecoder("utf-8", { fatal: true }).decode(await file.arrayBuffer()), file };
  } catch {
    return { text: "", file };
  }
}
