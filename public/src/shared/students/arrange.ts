import type { Id, Status } from "@neuracampus/attendance-client";
import { byId, byName } from "../order";
import { STATUS_WORDS, STATUSES } from "../words";

export const COLUMNS = ["name", "id", "status"] as const;
export type Column = (typeof COLUMNS)[number];
export interface Order { column: Column; descending: boolean }
export interface Listed { id: Id; name: string }

/** The status of a listed student, undefined if the list has none for them. */
export type StatusOf<Student> = (student: Student) => Status | undefined;

/** The students in an order. Those of one status are by name, in both directions. */
export function inOrder<Student extends Listed>(students: readonly Student[], { column, descending }: Order, statusOf: StatusOf<Student>): Student[] {
  const sign = descending ? -1 : 1;
  const rank = (student: Student) => {
    const status = statusOf(student);
    return status ? STATUSES.indexOf(status) : STATUSES.length;
  };
  switch (column) {
    case "name":
      return students.toSorted((a, b) => sign * byName(a, b));
    case "id":
      return students.toSorted((a, b) => sign * byId(a, b));
    case "status":
      return students.toSorted((a, b) => sign * (rank(a) - rank(b)) || byName(a, b));
  }
}

/** The students whose name, id or status contains every word of the query. Case and accents do not count. */
export function matching<Student extends Listed>(students: readonly Student[], query: string, statusOf: StatusOf<Student>): readonly Student[] {
  const words = plain(query).split(/\s+/).filter(Boolean);
  if (words.length === 0) return students;
  return students.filter((student) => {
    const status = statusOf(student);
    const text = plain(`${student.name} ${student.id}${status ? ` ${STATUS_WORDS[status]}` : ""}`);
    return words.every((word) => text.includes(word));
  });
}

const plain = (text: string) => text.normalize("NFKD").replace(/[\u0300-\u036f]/g, "").toLowerCase();
