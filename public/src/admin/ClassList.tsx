import { useState } from "react";
import type { Id } from "@neuracampus/attendance-client";
import { go } from "../address";
import type { Asker, Class, ClassesPage } from "../api";
import { Alert } from "../shared/Alert";
import { Loading } from "../shared/Loading";
import { useResource } from "../shared/useResource";
import { counted } from "../shared/words";

interface Props { user: Asker; search: string; notTakenToday: boolean }

/** The classes that match, page by page. */
export function ClassList({ user, search, notTakenToday }: Props) {
  // What each page after the first comes after, up to the page that is shown.
  const [cursors, setCursors] = useState<readonly Id[]>([]);
  const { data, error, loading, reload } = useResource<ClassesPage>(user, pathOf(search, notTakenToday, cursors.at(-1)));
  const next = data?.next;
  const turnTo = (page: readonly Id[]) => {
    setCursors(page);
    scrollTo(0, 0);
  };
  if (data && data.total === undefined) return <Alert message="Only an administrator can list all classes" />;

  return (
    <>
      {error && <Alert message={error} onDismiss={reload} dismiss="Try again" />}
      {loading && !data && <Loading what="the classes" />}
      {data?.total !== undefined && <p className="muted" role="status">{counted(data.total, "class", "classes")}{search && ` with “${search}”`}</p>}
      {data?.total === 0 && <p className="card empty muted">{emptyList(search, notTakenToday)}</p>}
      <ul className="rows">
        {data?.classes.map((each) => <ClassRow key={String(each.id)} each={each} />)}
      </ul>
      {data && (cursors.length > 0 || next !== undefined) && (
        <nav className="actions pages" aria-label="Pages">
          <button type="button" disabled={loading || cursors.length === 0} onClick={() => turnTo(cursors.slice(0, -1))}>← Previous</button>
          <span className="muted">Page {cursors.length + 1}</span>
          <button type="button" disabled={loading || next === undefined} onClick={() => next !== undefined && turnTo([...cursors, next])}>Next →</button>
        </nav>
      )}
    </>
  );
}

function ClassRow({ each: { id, name, teacherId, archived } }: { each: Class }) {
  return (
    <li>
      <button type="button" className="row" onClick={() => go({ class: String(id) })}>
        <span className="row-text">
          <span><strong>{name || String(id)}</strong> {name && <span className="muted small mono">{String(id)}</span>}</span>
          <span className="muted small">{teacherId === null ? "No owner" : `Owner ${String(teacherId)}`}</span>
        </span>
        {archived && <span className="tag">Archived</span>}
      </button>
    </li>
  );
}

function pathOf(search: string, notTakenToday: boolean, after: Id | undefined): string {
  const query = new URLSearchParams();
  if (search) query.set("search", search);
  if (notTakenToday) query.set("notTakenToday", "true");
  if (after !== undefined) query.set("after", String(after));
  return `/classes?${query}`;
}

function emptyList(search: string, notTakenToday: boolean): string {
  if (search) return "No class matches.";
  return notTakenToday ? "Every class in use has taken attendance today." : "There are no classes yet.";
}
