import type { RosterTable } from "../../api";
import { labelOfName, purposeOf, withPurpose, type Purpose, type Mapping } from "./mapping";

interface Props { table: RosterTable; mapping: Mapping; onChange: (mapping: Mapping) => void }

/** The first lines of a file, and the use of each column. */
export function Columns({ table, mapping, onChange }: Props) {
  const columns = Array.from({ length: Math.max(...table.rows.map((row) => row.cells.length)) }, (_, i) => i + 1);
  const header = table.rows.find((row) => row.line === mapping.header)?.cells ?? [];
  return (
    <div className="stack">
      <label className="field">
        Line with the names of the columns
        <select value={mapping.header} onChange={(event) => onChange({ ...mapping, header: Number(event.target.value) })}>
          <option value={0}>There is none</option>
          {table.rows.map(({ line, cells }) => <option key={line} value={line}>Line {line}: {cells.filter(Boolean).join(", ")}</option>)}
        </select>
      </label>
      <div className="mapping" role="region" aria-label="First lines of the file" tabIndex={0}>
        <table>
          <thead>
            <tr>
              <th scope="col">Line</th>
              {columns.map((column) => (
                <th key={column} scope="col">
                  <select
                    aria-label={`Column ${column}${header[column - 1] ? `, ${header[column - 1]}` : ""}`}
                    value={purposeOf(mapping, column)}
                    onChange={(event) => onChange(withPurpose(mapping, column, event.target.value as Purpose))}
                  >
                    <option value="unused">Not used</option>
                    <option value="id">Id</option>
                    <option value="name">{labelOfName(mapping, column)}</option>
                  </select>
                </th>
              ))}
            </tr>
          </thead>
          <tbody>
            {table.rows.map(({ line, cells }) => (
              <tr key={line} className={line <= mapping.header ? "muted" : ""}>
                <th scope="row">{line}</th>
                {columns.map((column) => <td key={column} dir="auto">{cells[column - 1]}</td>)}
              </tr>
            ))}
          </tbody>
        </table>
      </div>
    </div>
  );
}
