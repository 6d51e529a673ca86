import { useEffect, useRef, useState } from "react";
import { hasAll, hasSound } from "./detect";
import { Spectrum } from "./Spectrum";
import { useMicrophone } from "./useMicrophone";
import "./sound.css";

interface Props { tones: readonly number[]; onHeard: () => void }

/** How many spectra in a row have to have the tones: about half a second. */
const ENOUGH = 24;
/** After how long without the tones it says what it hears instead, in milliseconds. */
const PATIENCE = 4000;

/** Marks when the teacher's tones are heard. */
export default function Listener({ tones, onHeard }: Props) {
  const { microphone, ask } = useMicrophone();
  const [hint, setHint] = useState("");
  const heard = useRef(onHeard);
  useEffect(() => {
    heard.current = onHeard;
  });
  const analyser = microphone.state === "on" ? microphone.analyser : null;

  useEffect(() => {
    if (!analyser) return;
    const levels = new Float32Array(analyser.frequencyBinCount);
    const binWidth = analyser.context.sampleRate / analyser.fftSize;
    const started = performance.now();
    let inRow = 0;
    let sound = false;
    let frame = requestAnimationFrame(function listen(now) {
      analyser.getFloatFrequencyData(levels);
      inRow = hasAll(levels, binWidth, tones) ? inRow + 1 : 0;
      sound ||= hasSound(levels, binWidth);
      if (inRow >= ENOUGH) {
        heard.current();
        return;
      }
      if (now - started > PATIENCE) {
        setHint(sound ? "There is sound, but not the teacher’s tones. Move closer, or press the button." : "It is silent. Is the microphone covered? You can press the button instead.");
      }
      frame = requestAnimationFrame(listen);
    });
    return () => cancelAnimationFrame(frame);
  }, [analyser, tones]);

  return (
    <section className="listener" aria-label="Marking by sound">
      {microphone.state === "off" && <button type="button" onClick={() => void ask()}>Listen for the tones</button>}
      {analyser && <Spectrum analyser={analyser} tones={tones} />}
      <p className="muted small" role="status">
        {microphone.state === "off" && "Your teacher’s device plays tones. Your phone can hear them and mark you by itself."}
        {microphone.state === "asking" && "Waiting for the microphone …"}
        {microphone.state === "none" && microphone.why}
        {microphone.state === "on" && (hint || "Listening. Nothing is recorded or sent.")}
      </p>
    </section>
  );
}
