import { useMemo } from "react";
import type { Id, Session } from "@neuracampus/attendance-client";
import { byName } from "../../shared/order";

export interface Person { id: Id; name: string }

/** All students on the roster or with a mark, by name. The order does not depend on marks, so no tile moves. */
export function usePeople(roster: readonly Person[], session: Session): readonly Person[] {
  const { records } = session;
  // Marks come many times a second, but the set of students rarely changes. Only then are they sorted again.
  const ids = [...records.keys()].join("\n");
  return useMemo(() => {
    const people = new Map<string, Person>();
    for (const person of roster) people.set(String(person.id), person);
    for (const [key, { studentId, studentName }] of records) {
      if (!people.has(key)) people.set(key, { id: studentId, name: studentName });
    }
    return [...people.values()]
      .map((person) => ({ id: person.id, name: person.name || String(person.id) }))
      .sort(byName);
    // eslint-disable-next-line react-hooks/exhaustive-deps -- ids stands for records
  }, [roster, ids]);
}
