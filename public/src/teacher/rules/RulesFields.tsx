import type { Rules } from "@neuracampus/attendance-client";

interface Props { rules: Rules; onChange: (rules: Rules) => void }

const MAX_MINUTES = 600;

/** Code, late and end, with what each means for students. */
export function RulesFields({ rules, onChange }: Props) {
  return (
    <>
      <label className="rule">
        <input type="checkbox" checked={rules.proof === "code"} onChange={(event) => onChange({ ...rules, proof: event.target.checked ? "code" : "none" })} />
        <span>Ask for a code</span>
        <span className="muted small">Students enter the code that you show in class. It changes every few seconds.</span>
      </label>
      <Minutes
        name="Late after" value={rules.lateAfter} onChange={(lateAfter) => onChange({ ...rules, lateAfter })}
        effect="Students who mark themselves after these minutes are late. Your own marks stay as you make them."
      />
      <Minutes
        name="Ends after" value={rules.endsAfter} onChange={(endsAfter) => onChange({ ...rules, endsAfter })}
        effect="The session ends by itself. Students who have not marked themselves by then stay absent."
      />
    </>
  );
}

interface MinutesProps { name: string; value: number | null; effect: string; onChange: (value: number | null) => void }

function Minutes({ name, value, effect, onChange }: MinutesProps) {
  return (
    <label className="rule">
      <span>{name}</span>
      <span className="rule-minutes">
        <input
          type="number" min={1} max={MAX_MINUTES} step={1} inputMode="numeric" placeholder="never" value={value ?? ""}
          onChange={(event) => onChange(event.target.value === "" ? null : event.target.valueAsNumber)}
        /> minutes
      </span>
      <span className="muted small">{effect}</span>
    </label>
  );
}
