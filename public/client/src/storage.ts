/** Where marks are kept over a reload. */
export type Storage = Pick<globalThis.Storage, "getItem" | "setItem" | "removeItem">;

/** The tab's own storage. Where there is none, or the browser forbids it, nothing is kept over a reload. */
export function tabStorage(): Storage {
  const attempt = <Result>(access: (storage: Storage) => Result): Result | null => {
    try {
      return access(sessionStorage);
    } catch {
      return null;
    }
  };
  return {
    getItem: (key) => attempt((storage) => storage.getItem(key)),
    setItem: (key, value) => void attempt((storage) => storage.setItem(key, value)),
    removeItem: (key) => void attempt((storage) => storage.removeItem(key)),
  };
}
