import { useCallback, useEffect, useState } from "react";
import { request, type Asker } from "../api";

interface Loaded<Reply> { path: string; data: Reply | null; error: string | null }

/**
 * Loads a path of the API. While another path or `version` loads, data stays what it was, so that the page does not flicker.
 * Null loads nothing.
 */
// The caller names the type, as with request: it cannot be inferred.
// eslint-disable-next-line @typescript-eslint/no-unnecessary-type-parameters
export function useResource<Reply>(asker: Asker, path: string | null, version: unknown = 0) {
  const [loaded, setLoaded] = useState<Loaded<Reply>>({ path: "", data: null, error: null });
  const [asked, setAsked] = useState(0);
  const { id, role } = asker;

  useEffect(() => {
    if (path === null) return;
    const abort = new AbortController();
    request<Reply>({ id, role }, path, { signal: abort.signal }).then(
      (data) => setLoaded({ path, data, error: null }),
      (error: unknown) => {
        if (!abort.signal.aborted) setLoaded((known) => ({ path, data: known.path === path ? known.data : null, error: (error as Error).message }));
      },
    );
    return () => abort.abort();
  }, [id, role, path, version, asked]);

  const reload = useCallback(() => setAsked((n) => n + 1), []);
  return { data: loaded.data, error: loaded.error, loading: path !== null && loaded.path !== path, reload };
}
