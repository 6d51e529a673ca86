/** Keeps texts in a storage of the browser or, where the browser forbids that, as long as the page is open. */
function keptIn(open: () => Storage) {
  const memory = new Map<string, string>();
  const stored = <Result>(access: (storage: Storage) => Result, otherwise: Result): Result => {
    try {
      return access(open());
    } catch {
      return otherwise;
    }
  };
  return {
    get: (key: string): string | null => stored((storage) => storage.getItem(key), null) ?? memory.get(key) ?? null,
    set: (key: string, value: string): void => {
      const done = stored((storage) => {
        storage.setItem(key, value);
        return true;
      }, false);
      if (!done) memory.set(key, value);
    },
  };
}

/** For this tab only. */
export const tabStorage = keptIn(() => sessionStorage);
/** For all tabs and visits. */
export const browserStorage = keptIn(() => localStorage);
