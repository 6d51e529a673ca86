import { useEffect, useState } from "react";
import { chooseTones } from "./detect";
import "./sound.css";

interface Props { frequency: readonly number[]; onChoose: (tones: number[]) => Promise<unknown> }

/** Plays the session's tones from the teacher's device. The first time, it chooses them and sends them to the class. */
export default function TonePlayer({ frequency, onChoose }: Props) {
  const [playing, setPlaying] = useState(false);
  const tones = frequency.join();

  useEffect(() => {
    if (!playing || !tones) return;
    const context = new AudioContext();
    const volume = new GainNode(context, { gain: 0 });
    volume.connect(context.destination);
    volume.gain.linearRampToValueAtTime(0.5, context.currentTime + 0.1); // a start at full volume clicks
    const each = tones.split(",").map(Number);
    for (const frequency of each) {
      const oscillator = new OscillatorNode(context, { frequency });
      oscillator.connect(new GainNode(context, { gain: 1 / each.length })).connect(volume);
      oscillator.start();
    }
    return () => void context.close();
  }, [playing, tones]);

  const toggle = () => {
    setPlaying(!playing);
    // A refusal is in the page's alert; without tones nothing plays.
    if (!playing && frequency.length === 0) onChoose(chooseTones()).catch(() => setPlaying(false));
  };

  return (
    <div className="tones">
      <button type="button" aria-pressed={playing} onClick={toggle}>
        <span aria-hidden="true">{playing ? "■" : "♪"}</span> {playing ? "Stop the tones" : "Play tones"}
      </button>
      <p className="muted small" role="status">
        {playing && frequency.length > 0
          ? `Playing ${frequency.join(", ")} Hz. Phones that hear them mark their students.`
          : "Phones in the room can hear tones and mark their students by themselves."}
      </p>
    </div>
  );
}
