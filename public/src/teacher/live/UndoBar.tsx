import { counted, STATUS_WORDS } from "../../shared/words";
import type { Marking } from "./useMarking";

/** The last mark by click, and undo. It stays until it is closed: no timer takes undo away. */
export function UndoBar({ marking }: { marking: Marking }) {
  const { last, error, waiting, undo, forget } = marking;
  const shown = last !== undefined || error !== null || waiting > 0;
  return (
    <div className="undo-bar" data-shown={shown}>
      {error && <p role="alert">{error}</p>}
      <p role="status">
        {!error && waiting > 0 && `${counted(waiting, "mark")} saved, sent when you are back online`}
        {!error && waiting === 0 && last && <><strong>{last.person.name}</strong> is {STATUS_WORDS[last.after].toLowerCase()}</>}
      </p>
      {last && <button type="button" onClick={() => void undo()}>Undo</button>}
      {shown && <button type="button" className="quiet" onClick={forget}>Close</button>}
    </div>
  );
}
