/** Where marks are kept over a reload. */
export type Storage = Pick<globalThis.Storage, "getItem" | "setItem" | "removeItem">;

/** The tab's own storage; one that keeps nothing where there is none, or where the browser forbids it. */
export function tabStorage(): Storage {
  try {
    return sessionStorage;
  } catch {
    return { getItem: () => null, setItem: () => undefined, removeItem: () => undefined };
  }
}
