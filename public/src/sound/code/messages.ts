/** The sample rate of a code's sound, in Hz. */
export const RATE = 48_000;

/** What the page sends to codec.worker.ts. */
export type Request =
  | { kind: "encode"; code: string }
  | { kind: "listen"; sampleRate: number; samples: MessagePort };

/** What codec.worker.ts answers. Samples are between -1 and 1. */
export type Answer =
  | { kind: "sound"; code: string; samples: Float32Array<ArrayBuffer> }
  | { kind: "heard"; code: string };
