import { useDeferredValue, useMemo, useState } from "react";
import { counted } from "../words";
import { inOrder, matching, type Column, type Listed, type Order, type StatusOf } from "./arrange";
import { Filter } from "./Filter";
import { SortHeader } from "./SortHeader";
import "./students.css";

interface Props<Student> {
  label: string;
  students: readonly Student[];
  columns: readonly Column[];
  statusOf: StatusOf<Student>;
  /** The row of a student. Keep the function from rendering to rendering: rows are drawn again only with another one. */
  row: (student: Student) => React.ReactNode;
}

const LABELS: Record<Column, string> = { name: "Name", id: "Id", status: "Status" };

/** A table of students that the user sorts and filters. The explicit roles remain when CSS lays rows out as a grid. */
export function StudentTable<Student extends Listed>({ label, students, columns, statusOf, row }: Props<Student>) {
  const [order, setOrder] = useState<Order>({ column: "name", descending: false });
  const [query, setQuery] = useState("");
  // The field shows each key at once. The rows follow as soon as there is time, and an old query is given up for a new one.
  const [wanted, sorting] = [useDeferredValue(query), useDeferredValue(order)];
  const sorted = useMemo(() => inOrder(students, sorting, statusOf), [students, sorting, statusOf]);
  const shown = useMemo(() => matching(sorted, wanted, statusOf), [sorted, wanted, statusOf]);
  const rows = useMemo(() => shown.map(row), [shown, row]);

  return (
    <div className="student-list">
      <div className="list-tools">
        <Filter columns={columns} query={query} onChange={setQuery} />
        <p className="muted" role="status">
          {wanted.trim() && `${shown.length} of ${counted(students.length, "student")}`}
        </p>
      </div>
      <table role="table" aria-label={label} className="student-table" data-columns={columns.length}>
        <thead role="rowgroup">
          <tr role="row">
            {columns.map((column) => <SortHeader key={column} column={column} label={LABELS[column]} order={order} onSort={setOrder} />)}
            <th role="columnheader" scope="col"><span className="hidden">Action</span></th>
          </tr>
        </thead>
        <tbody role="rowgroup">{rows}</tbody>
      </table>
      {shown.length === 0 && students.length > 0 && <p className="empty muted">No student matches.</p>}
    </div>
  );
}
