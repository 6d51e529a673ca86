import { useEffect } from "react";
import { MicrophonePanel } from "../MicrophonePanel";
import { useLatest } from "../useLatest";
import { useMicrophone } from "../useMicrophone";
import capture from "./capture.js?url&no-inline";
import { startCodec } from "./codec";

/** Where the sound of a code lies, in Hz: marks in the spectrum. */
const BAND = [1875, 6375];

/** Enters the code that the teacher's device plays. */
export default function CodeListener({ onHeard }: { onHeard: (code: string) => void }) {
  const listening = useMicrophone();
  const heard = useLatest(onHeard);
  const analyser = listening.microphone.state === "on" ? listening.microphone.analyser : null;

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
  }, [analyser, heard]);

  return (
    <MicrophonePanel
      label="The code by sound" microphone={listening} button="Listen for the code" marks={BAND}
      offer="Your teacher’s device can play the code. Your phone can hear it and enter it by itself."
      listening="Listening for the code. Nothing is recorded or sent."
    />
  );
}
