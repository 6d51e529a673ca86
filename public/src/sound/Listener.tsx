import { useEffect, useState } from "react";
import { hasAll, hasSound } from "./detect";
import { MicrophonePanel } from "./MicrophonePanel";
import { useLatest } from "./useLatest";
import { useMicrophone } from "./useMicrophone";

interface Props { tones: readonly number[]; onHeard: () => void }

/** How many spectra in a row have to have the tones: about half a second. */
const ENOUGH = 24;
/** After how long without the tones it says what it hears instead, in milliseconds. */
const PATIENCE = 4000;

/** Marks when the teacher's tones are heard. */
export default function Listener({ tones, onHeard }: Props) {
  const listening = useMicrophone();
  const [hint, setHint] = useState("");
  const heard = useLatest(onHeard);
  const analyser = listening.microphone.state === "on" ? listening.microphone.analyser : null;

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
  }, [analyser, tones, heard]);

  return (
    <MicrophonePanel
      label="Marking by sound" microphone={listening} button="Listen for the tones" marks={tones}
      offer="Your teacher’s device plays tones. Your phone can hear them and mark you by itself."
      listening={hint || "Listening. Nothing is recorded or sent."}
    />
  );
}
