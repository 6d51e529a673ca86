import { useState } from "react";
import { token } from "../token";

/** Asks for the token that a server with signed identities wants. */
export function TokenField() {
  const [value, setValue] = useState(token.get);
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
