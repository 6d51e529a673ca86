import { useEffect, useState } from "react";

/** Whether the server has signed identities. False until it has answered. */
export function useSigned(): boolean {
  const [signed, setSigned] = useState(false);
  useEffect(() => {
    const abort = new AbortController();
    fetch("/healthz", { signal: abort.signal })
      .then((answer) => answer.json() as Promise<{ identity: string }>)
      .then(({ identity }) => setSigned(identity === "signed"), () => undefined); // the connection will say what is wrong
    return () => abort.abort();
  }, []);
  return signed;
}
