import { useEffect, useRef, useState, type ReactNode } from "react";
import { Alert } from "./Alert";
import { useAction } from "./useAction";

interface Props {
  title: string;
  /** What the button says. */
  action: string;
  /** Does it, with the reason that was given. */
  act: (reason: string) => Promise<unknown>;
  onClose: () => void;
  onDone: () => void;
  children: ReactNode;
}

/** Asks for the reason of a change to what is recorded, which the server keeps. It stays open while the server refuses. */
export function ReasonDialog({ title, action, act, onClose, onDone, children }: Props) {
  const dialog = useRef<HTMLDialogElement>(null);
  useEffect(() => dialog.current?.showModal(), []);
  const [reason, setReason] = useState("");
  const { busy, error, run } = useAction();

  const submit = async (event: React.SubmitEvent) => {
    event.preventDefault();
    if (!(await run(() => act(reason)))) return;
    onDone();
    dialog.current?.close();
  };

  return (
    <dialog ref={dialog} aria-labelledby="reason-dialog" onClose={onClose}>
      <form className="stack" onSubmit={(event) => void submit(event)}>
        <h2 id="reason-dialog">{title}</h2>
        {children}
        <label className="field">
          Reason
          <input required maxLength={500} value={reason} onChange={(event) => setReason(event.target.value)} />
        </label>
        {error && <Alert message={error.message} />}
        <div className="actions">
          <button type="button" onClick={() => dialog.current?.close()}>Cancel</button>
          <button type="submit" className="primary" disabled={busy}>{action}</button>
        </div>
      </form>
    </dialog>
  );
}
