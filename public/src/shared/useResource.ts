import { useCallback, useEffect, useState } from "react";
import { request, type Asker } from "../api";

interface Loaded<Reply> { path: string; data: Reply | null; error: string | null }

/**
 * What a path of the API has, for as long as it is shown. While another path or `version` loads, data stays what it
 * was, so that nothing blinks. A path of null asks for nothing.
 */
// The caller says what the path has, as with request; there is nothing that it could be inferred from.
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
