export type { components, operations, paths } from "./generated/rest.js";
