import { lazy, Suspense, useEffect, useId, useState } from "react";
import type { Link, Refusal as Refused } from "@neuracampus/attendance-client";
import { CODE, CODE_LENGTH, codeOfAddress, plainCode } from "../attendance/code";

const CodeListener = lazy(() => import("../sound/code/CodeListener"));

/** Why a mark was refused, and whether it had waited for the network before. */
interface Refusal extends Refused { waited: boolean }
interface Props { link: Link; waiting: boolean; refused: Refusal | null; onCode: (code: string) => void }

/** Asks for the code that is shown in class, which can also be heard or come with the address. */
export function CodeForm({ link, waiting, refused, onCode }: Props) {
  const [typed, setTyped] = useState(() => codeOfAddress(location.hash));
  const [incomplete, setIncomplete] = useState(false);
  const field = useId();
  const error = incomplete ? `The code has ${CODE_LENGTH} letters and digits. Look at it again.` : waiting ? "" : explain(refused);
  useEffect(() => {
    // A code works for seconds. In the address it would come back with a reload.
    if (codeOfAddress(location.hash)) history.replaceState(history.state, "", location.pathname + location.search);
  }, []);

  const submit = (code: string) => {
    setIncomplete(!CODE.test(code));
    if (CODE.test(code)) onCode(code);
  };
  const hear = (code: string) => {
    setTyped(code);
    if (!waiting) submit(code);
  };

  return (
    <form
      className="code-form"
      onSubmit={(event) => {
        event.preventDefault();
        submit(plainCode(typed));
      }}
    >
      <label htmlFor={field}>The code that is shown in class</label>
      <input
        id={field} className="code-field mono" value={typed} onChange={(event) => setTyped(event.target.value)} disabled={waiting}
        autoFocus autoComplete="one-time-code" autoCapitalize="characters" autoCorrect="off" spellCheck={false} enterKeyHint="done"
        aria-invalid={error !== ""} aria-describedby={`${field}-error`}
      />
      <p id={`${field}-error`} className="field-error" role="alert">{error}</p>
      <button type="submit" className="primary large" disabled={waiting}>{waiting ? (link === "live" ? "Sending …" : "Saved") : "I am here"}</button>
      <p className="hint" role="status">
        {link !== "live" && (waiting
          ? "You are offline. Your mark is sent with this code as soon as you are back. By then the code may be too old."
          : "You are offline, reconnecting.")}
      </p>
      <Suspense fallback={null}><CodeListener onHeard={hear} /></Suspense>
    </form>
  );
}

function explain(refused: Refusal | null): string {
  if (!refused) return "";
  if (refused.reason === "code_wrong" && refused.waited) return "Your mark arrived late, and its code is no longer shown. Enter the code that is shown now.";
  if (refused.reason === "code_wrong") return `${refused.message}. Enter the code that is shown now.`;
  return `${refused.message}.`;
}
