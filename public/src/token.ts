const TOKEN = "attendance.token";

/** The token of a server with signed identities; kept for this tab only. */
export const token = {
  get: () => sessionStorage.getItem(TOKEN) ?? "",
  set: (value: string) => sessionStorage.setItem(TOKEN, value),
};
