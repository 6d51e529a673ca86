import { useEffect, useRef } from "react";
import { Spectrum } from "../Spectrum";
import { useMicrophone } from "../useMicrophone";
import capture from "./capture.js?url&no-inline";
import { startCodec } from "./codec";
import "../sound.css";

/** Where the sound of a code lies, in Hz: marks in the spectrum. */
const BAND = [1875, 6375];

/** Enters the code that the teacher's device plays. */
export default function CodeListener({ onHeard }: { onHeard: (code: string) => void }) {
  const { microphone, ask } = useMicrophone();
  const heard = useRef(onHeard);
  useEffect(() => {
    heard.current = onHeard;
  });
  const analyser = microphone.state === "on" ? microphone.analyser : null;

  useEffect(() => {
    if (!analyser) return;
    const { context } = analyser;
    const codec = startCodec((answer) => {
      if (answer.kind === "heard") heard.current(answer.code);
    });
    let node: AudioWorkletNode | undefined;
    let stopped = false;
    void context.audioWorklet.addModule(capture).then(() => {
      if (stopped) return;
      const { port1, port2 } = new MessageChannel();
      node = new AudioWorkletNode(context, "capture", { numberOfOutputs: 0 });
      node.port.postMessage(port1, [port1]);
      codec.send({ kind: "listen", sampleRate: context.sampleRate, samples: port2 }, [port2]);
      analyser.connect(node);
    });
    return () => {
      stopped = true;
      node?.disconnect();
      codec.stop();
    };
  }, [analyser]);

  return (
    <section className="listener" aria-label="The code by sound">
      {microphone.state === "off" && <button type="button" onClick={() => void ask()}>Listen for the code</button>}
      {analyser && <Spectrum analyser={analyser} tones={BAND} />}
      <p className="muted small" role="status">
        {microphone.state === "off" && "Your teacher’s device can play the code. Your phone can hear it and enter it by itself."}
        {microphone.state === "asking" && "Waiting for the microphone …"}
        {microphone.state === "none" && microphone.why}
        {microphone.state === "on" && "Listening for the code. Nothing is recorded or sent."}
      </p>
    </section>
  );
}
