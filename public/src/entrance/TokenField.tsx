import { useEffect, useState } from "react";
import { token } from "../socket";

/** Asks for a token if the server is in signed mode. */
export function TokenField() {
  const [signed, setSigned] = useState(false);
  const [value, setValue] = useState(token.get);
  useEffect(() => {
    const abort = new AbortController();
    fetch("/healthz", { signal: abort.signal })
      .then((answer) => answer.json() as Promise<{ identity: string }>)
      .then(({ identity }) => setSigned(identity === "signed"), () => undefined); // the connection will say what is wrong
    return () => abort.abort();
  }, []);
  if (!signed) return null;
  return (
    <label className="field">
      Token
      <input
        required
        type="password"
        autoComplete="off"
        value={value}
        onChange={(event) => {
          setValue(event.target.value);
          token.set(event.target.value.trim());
        }}
      />
      <span className="muted small">The JSON Web Token of the user above. Only this tab keeps it.</span>
    </label>
  );
}
