import { useCallback, useEffect, useRef, useState } from "react";

export type Microphone = { state: "off" | "asking" } | { state: "on"; analyser: AnalyserNode } | { state: "none"; why: string };

const INSECURE = "Browsers give the microphone only to pages that come over https, and this one came over http. You can do without.";

/** Whether the browser would give the microphone at all: not where the page came over plain http from another machine. */
const begin = (): Microphone => (window.isSecureContext ? { state: "off" } : { state: "none", why: INSECURE });

/** The microphone as a spectrum, from when it is asked for until the component goes. */
export function useMicrophone() {
  const [microphone, setMicrophone] = useState(begin);
  const close = useRef<() => void>(() => undefined);
  useEffect(() => () => close.current(), []);

  const ask = useCallback(async () => {
    setMicrophone({ state: "asking" });
    try {
      // What makes speech clearer takes steady tones for noise and removes them.
      const stream = await navigator.mediaDevices.getUserMedia({ audio: { echoCancellation: false, noiseSuppression: false, autoGainControl: false } });
      const context = new AudioContext();
      close.current = () => {
        for (const track of stream.getTracks()) track.stop();
        void context.close();
      };
      const analyser = new AnalyserNode(context, { fftSize: 4096, smoothingTimeConstant: 0.3 });
      context.createMediaStreamSource(stream).connect(analyser);
      setMicrophone({ state: "on", analyser });
    } catch (error) {
      setMicrophone({ state: "none", why: explain(error) });
    }
  }, []);
  return { microphone, ask };
}

function explain(error: unknown): string {
  switch (error instanceof DOMException ? error.name : "") {
    case "NotAllowedError":
      return "The microphone was not allowed. Allow it in the browser’s settings for this page, or do without.";
    case "NotFoundError":
      return "This device has no microphone. You can do without.";
    default:
      return "The microphone does not work at the moment. You can do without.";
  }
}
