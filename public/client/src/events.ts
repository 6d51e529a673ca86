export type * from "./generated/events.js";
