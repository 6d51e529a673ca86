import type { Answer, Request } from "./messages";

/** Starts the worker that turns codes into sound and back. */
export function startCodec(onAnswer: (answer: Answer) => void): { send: (request: Request, transfer?: Transferable[]) => void; stop: () => void } {
  const worker = new Worker(new URL("./codec.worker.ts", import.meta.url), { type: "module" });
  worker.onmessage = ({ data }: MessageEvent<Answer>) => onAnswer(data);
  return {
    send: (request, transfer = []) => worker.postMessage(request, transfer),
    stop: () => worker.terminate(),
  };
}
