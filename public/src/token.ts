import { tabStorage } from "./shared/storage";

const TOKEN = "attendance.token";

/** The token of a server with signed identities; kept for this tab only. */
export const token = {
  get: () => tabStorage.get(TOKEN) ?? "",
  set: (value: string) => tabStorage.set(TOKEN, value),
};
