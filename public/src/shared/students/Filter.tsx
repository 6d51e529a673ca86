import { type Column } from "./arrange";

interface Props { columns: readonly Column[]; query: string; onChange: (query: string) => void }

/** The field that filters a list of students while the user types. */
export function Filter({ columns, query, onChange }: Props) {
  const placeholder = columns.includes("status") ? "Name, id or status" : "Name or id";
  return (
    <label className="inline filter">
      Find
      <input type="search" placeholder={placeholder} value={query} onChange={(event) => onChange(event.target.value)} />
    </label>
  );
}
