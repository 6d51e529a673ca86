import type { Column, Order } from "./arrange";

interface Props { column: Column; label: string; order: Order; onSort: (order: Order) => void }

/** The header of a column. A click sorts by it; another click reverses the order. */
export function SortHeader({ column, label, order, onSort }: Props) {
  const sorted = order.column === column;
  const direction = order.descending ? "descending" : "ascending";
  return (
    <th role="columnheader" scope="col" className={`cell-${column}`} aria-sort={sorted ? direction : "none"}>
      <button type="button" className="quiet" onClick={() => onSort({ column, descending: sorted && !order.descending })}>
        {label}
        <span className="sort-arrow" aria-hidden="true">{sorted ? (order.descending ? "▼" : "▲") : "↕"}</span>
      </button>
    </th>
  );
}
