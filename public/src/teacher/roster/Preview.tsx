import type { Import, LineError } from "../../api";
import { counted } from "../../shared/words";

interface Props { preview: Import | null; done: Import | null; error: string | null; lines: readonly LineError[]; text: string }

/** What an import would change or has changed, or why it was refused. */
export function Preview({ preview, done, error, lines, text }: Props) {
  const written = text.split(/\r\n|\r|\n/);
  return (
    <>
      <p role="status">
        {done && `Done: ${changes(done)}.`}
        {preview && `This would change the roster: ${changes(preview)}.`}
      </p>
      {(preview ?? done)?.warnings.length ? (
        <ul className="warnings" aria-label="Warnings">
          {(preview ?? done)?.warnings.map((warning) => <li key={warning}>{sentence(warning)}</li>)}
        </ul>
      ) : null}
      {preview && (
        <ol className="rows preview">
          {preview.students.slice(0, 200).map((student) => (
            <li key={student.line} className="row">
              <span className="row-text">
                <span dir="auto">{student.name || "No name"}</span>
                <span className="muted small mono">{String(student.id)}</span>
              </span>
            </li>
          ))}
          {preview.students.length > 200 && <li className="row muted">and {preview.students.length - 200} more</li>}
        </ol>
      )}
      {error && (
        <div role="alert" className="mistakes">
          <p><strong>{error}.</strong></p>
          <ul>
            {lines.map(({ line, message }) => (
              <li key={line}>Line {line}: {message}<code>{written[line - 1]}</code></li>
            ))}
          </ul>
        </div>
      )}
    </>
  );
}

const sentence = (text: string) => `${text.charAt(0).toUpperCase()}${text.slice(1)}.`;

function changes({ added, renamed, removed, unchanged }: Import): string {
  const parts = [added > 0 && `${counted(added, "student")} added`, renamed > 0 && `${renamed} renamed`, removed > 0 && `${removed} removed`, unchanged > 0 && `${unchanged} as before`];
  return parts.filter(Boolean).join(", ");
}
