import { useState } from "react";

export function CopyButton({ text, label = "Copy" }: { text: string; label?: string }) {
  const [said, setSaid] = useState("");
  const copy = () => {
    // Browsers have a clipboard on https and localhost only.
    const clipboard = navigator.clipboard as Clipboard | undefined;
    (clipboard?.writeText(text) ?? Promise.reject(new Error("none"))).then(
      () => setSaid("Copied"),
      () => setSaid("Not allowed here; select the text instead"),
    );
  };
  return (
    <span className="copy">
      <button type="button" onClick={copy}>{label}</button>
      <span role="status" className="muted small">{said}</span>
    </span>
  );
}
