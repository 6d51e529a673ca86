import type { RosterTable } from "../../api";

/** Which columns of a file are the id and the name, counted from 1, and which line names them; 0: none. */
export interface Mapping { header: number; id: number; names: readonly number[] }
export type Purpose = "unused" | "id" | "name";

export const mappingOf = (table: RosterTable): Mapping => ({ header: table.headerLine, id: table.idColumn, names: table.nameColumns });

export function purposeOf({ id, names }: Mapping, column: number): Purpose {
  if (id === column) return "id";
  return names.includes(column) ? "name" : "unused";
}

/** "Name", or "Name, part 2" where several columns are joined. */
export function labelOfName({ names }: Mapping, column: number): string {
  return names.length > 1 && names.includes(column) ? `Name, part ${names.indexOf(column) + 1}` : "Name";
}

/** Gives a column another purpose. There is one id; names are joined in the order in which they were chosen. */
export function withPurpose(mapping: Mapping, column: number, purpose: Purpose): Mapping {
  const names = mapping.names.filter((name) => name !== column);
  return {
    ...mapping,
    id: purpose === "id" ? column : mapping.id === column ? 0 : mapping.id,
    names: purpose === "name" ? [...names, column] : names,
  };
}

/** The mapping as query parameters; without one the server decides. */
export function queryOf(mapping: Mapping | null): string {
  if (!mapping) return "";
  const names = mapping.names.length > 0 ? mapping.names : [0];
  const id = mapping.id > 0 ? `&idColumn=${mapping.id}` : "";
  return `&headerLine=${mapping.header}${id}${names.map((column) => `&nameColumn=${column}`).join("")}`;
}
