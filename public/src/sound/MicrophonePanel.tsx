import { Spectrum } from "./Spectrum";
import type { useMicrophone } from "./useMicrophone";
import "./sound.css";

interface Props {
  label: string;
  microphone: ReturnType<typeof useMicrophone>;
  /** Of the button that asks for the microphone, and what is said beside it. */
  button: string;
  offer: string;
  /** What is said while it listens. */
  listening: string;
  /** Frequencies to mark in the spectrum, in Hz. */
  marks: readonly number[];
}

/** Asks for the microphone, and shows what it hears or why it hears nothing. */
export function MicrophonePanel({ label, microphone: { microphone, ask }, button, offer, listening, marks }: Props) {
  return (
    <section className="listener" aria-label={label}>
      {microphone.state === "off" && <button type="button" onClick={() => void ask()}>{button}</button>}
      {microphone.state === "on" && <Spectrum analyser={microphone.analyser} tones={marks} />}
      <p className="muted small" role="status">
        {microphone.state === "off" && offer}
        {microphone.state === "asking" && "Waiting for the microphone …"}
        {microphone.state === "none" && microphone.why}
        {microphone.state === "on" && listening}
      </p>
    </section>
  );
}
