import { useState } from "react";
import type { Flag } from "../../api";
import type { User } from "../../attendance/useClassAttendance";
import { timeOfDay } from "../../shared/words";
import { Dismissal } from "./Dismissal";
import "./flags.css";

interface Props { user: User; path: string; flags: readonly Flag[]; names: ReadonlyMap<string, string>; onDismissed: () => void }

const list = new Intl.ListFormat("en");

/** Flags of a session: who, why, when, and what became of them. Path is the session's in the API. */
export function FlagList({ user, path, flags, names, onDismissed }: Props) {
  const [dismissing, setDismissing] = useState<Flag | null>(null);
  const who = ({ studentIds }: Flag) => list.format(studentIds.map((id) => names.get(String(id)) || String(id)));
  return (
    <>
      <ul className="rows">
        {flags.map((flag) => (
          <li key={flag.id} className="row flag" data-dismissed={flag.dismissal !== null}>
            <FlagIcon />
            <span className="row-text">
              <strong>{who(flag)}</strong>
              <span className="muted small">{flag.message}, {timeOfDay(flag.timestamp)}</span>
              {flag.dismissal && (
                <span className="muted small">
                  Dismissed: “{flag.dismissal.reason}”, {String(flag.dismissal.dismissedBy)} at {timeOfDay(flag.dismissal.dismissedAt)}
                </span>
              )}
            </span>
            {!flag.dismissal && <button type="button" aria-label={`Dismiss the flag of ${who(flag)}`} onClick={() => setDismissing(flag)}>Dismiss</button>}
          </li>
        ))}
      </ul>
      {dismissing && (
        <Dismissal user={user} path={`${path}/flags/${dismissing.id}`} who={who(dismissing)} onClose={() => setDismissing(null)} onDone={onDismissed} />
      )}
    </>
  );
}

export function FlagIcon() {
  return <svg className="flag-icon" viewBox="0 0 24 24" aria-hidden="true"><path d="M6 21V4h11l-2.5 4.5L17 13H6" /></svg>;
}
