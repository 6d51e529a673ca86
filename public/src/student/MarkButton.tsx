import type { Link } from "@neuracampus/attendance-client";

interface Props { link: Link; waiting: boolean; refused: string | null; onPress: () => void }

/** The button that marks the student as present, and the result. */
export function MarkButton({ link, waiting, refused, onPress }: Props) {
  const offline = link !== "live";
  return (
    <>
      <button type="button" className="here-button" disabled={waiting} onClick={onPress}>
        {waiting ? (offline ? "Saved" : "Sending …") : "I am here"}
      </button>
      <p className="hint" role="status">
        {waiting && !offline && "One moment."}
        {waiting && offline && "You are offline. Your mark is sent once, as soon as you are back."}
        {!waiting && offline && "You are offline, reconnecting. You can press the button: your mark is sent when you are back."}
        {!waiting && !offline && !refused && "Attendance is open. Press the button to be marked present."}
      </p>
      {refused && (
        <p className="alert" role="alert">
          <span><strong>Not accepted.</strong> {refused}. Ask your teacher if this is wrong.</span>
        </p>
      )}
    </>
  );
}
