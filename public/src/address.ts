import { useSyncExternalStore } from "react";
import type { Role } from "@neuracampus/attendance-client";

/** What the page shows is in its address, so that a reload or a shared link shows the same. */
export interface Address {
  role: Role | "";
  class: string;
  user: string;
  name: string;
  view: string;
  search: string;
  type: string;
  session: string;
  dev: string;
}

const KEYS = ["role", "class", "user", "name", "view", "search", "type", "session", "dev"] as const;
const MOVED = "attendance:moved";

export function parseAddress(search: string): Address {
  const params = new URLSearchParams(search);
  const text = (key: keyof Address) => params.get(key) ?? "";
  const role = text("role");
  return {
    role: role === "teacher" || role === "student" || role === "admin" ? role : "",
    class: text("class"),
    user: text("user"),
    name: text("name"),
    view: text("view"),
    search: text("search"),
    type: text("type"),
    session: text("session"),
    dev: text("dev"),
  };
}

export function formatAddress(address: Partial<Address>): string {
  const params = new URLSearchParams();
  for (const key of KEYS) if (address[key]) params.set(key, address[key]);
  const query = params.toString();
  return query ? `/?${query}` : "/";
}

/** Goes to another view without loading the page again. */
export function go(change: Partial<Address>): void {
  history.pushState(null, "", formatAddress({ ...parseAddress(location.search), ...change }));
  dispatchEvent(new Event(MOVED));
}

function subscribe(listener: () => void): () => void {
  addEventListener("popstate", listener);
  addEventListener(MOVED, listener);
  return () => {
    removeEventListener("popstate", listener);
    removeEventListener(MOVED, listener);
  };
}

export function useAddress(): Address {
  return parseAddress(useSyncExternalStore(subscribe, () => location.search));
}
