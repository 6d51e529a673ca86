import { useEffect, useState } from "react";
import { useLatest } from "../useLatest";
import { startCodec } from "./codec";
import { RATE } from "./messages";
import "../sound.css";

/** The silence between two repetitions, in milliseconds. A phone that begins to listen in the middle of one hears the next. */
const PAUSE = 600;

/** Plays the session's code from the teacher's device, again and again, for phones to hear. */
export default function CodePlayer({ code }: { code: string }) {
  const [playing, setPlaying] = useState(false);
  const latest = useLatest(code);

  useEffect(() => {
    if (!playing) return;
    const context = new AudioContext();
    let timer: ReturnType<typeof setTimeout> | undefined;
    const next = () => {
      // Without a code there is silence until the next one.
      if (latest.current) codec.send({ kind: "encode", code: latest.current });
      else timer = setTimeout(next, PAUSE);
    };
    const codec = startCodec((answer) => {
      if (answer.kind !== "sound" || context.state === "closed") return;
      const buffer = new AudioBuffer({ length: answer.samples.length, sampleRate: RATE });
      buffer.copyToChannel(answer.samples, 0);
      const source = new AudioBufferSourceNode(context, { buffer });
      source.connect(context.destination);
      source.onended = () => {
        timer = setTimeout(next, PAUSE);
      };
      source.start();
    });
    next();
    return () => {
      clearTimeout(timer);
      codec.stop();
      void context.close();
    };
  }, [playing, latest]);

  return (
    <div className="tones">
      <button type="button" aria-pressed={playing} onClick={() => setPlaying(!playing)}>
        <span aria-hidden="true">{playing ? "■" : "♪"}</span> {playing ? "Stop the sound" : "Play the code"}
      </button>
      <p className="muted small" role="status">
        {playing ? "Playing the code. Phones that listen enter it by themselves." : "Phones in the room can hear the code instead of having it typed in."}
      </p>
    </div>
  );
}
