// There is no document in unit tests.
const { document } = globalThis as { document?: Document };

/** The time zone of the campus, which the server puts into the page, if this browser knows it. Otherwise the browser's own is used. */
export const campusZone = known(document?.querySelector<HTMLMetaElement>("meta[name=time-zone]")?.content);

function known(zone: string | undefined): string | undefined {
  try {
    return zone && new Intl.DateTimeFormat("en", { timeZone: zone }).resolvedOptions().timeZone;
  } catch {
    return undefined;
  }
}
