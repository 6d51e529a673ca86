import { useState } from "react";
import { ofClass, request, type Asker } from "../api";
import { Alert } from "../shared/Alert";
import { Confirm } from "../shared/Confirm";
import { useAction } from "../shared/useAction";

interface Props { archived: boolean; classId: string; user: Asker; onDone: () => void }

/** Takes the class out of use, or back into use. */
export function ArchiveClass({ archived, classId, user, onDone }: Props) {
  const [asking, setAsking] = useState(false);
  const { busy, error, run } = useAction();
  const set = async (to: boolean) => {
    if (await run(() => request(user, ofClass(classId, "/archived"), { method: "PUT", json: { archived: to } }))) onDone();
  };

  return (
    <section className="card stack" aria-labelledby="archive">
      <h2 id="archive">{archived ? "Out of use" : "In use"}</h2>
      <p className="muted">{archived ? "The class can be read, but nobody can enter it." : "A class out of use keeps its records, and nobody can enter it."}</p>
      {error && <Alert message={error.message} />}
      <div className="actions">
        <button type="button" disabled={busy} onClick={() => (archived ? void set(false) : setAsking(true))}>
          {archived ? "Take back into use" : "Archive"}
        </button>
      </div>
      <Confirm open={asking} title="Archive this class?" action="Archive" onClose={() => setAsking(false)} onConfirm={() => void set(true)}>
        Nobody can enter it or start a session. Its records stay, and you can take it back into use.
      </Confirm>
    </section>
  );
}
