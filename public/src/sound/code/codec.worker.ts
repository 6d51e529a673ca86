// Turns codes into sound and back. ggwave builds functions from text, which the page's content policy forbids. So it runs in
// this worker, which has a policy of its own (server/app/page.go): it may do that, and reaches neither the page nor the network.

import start from "ggwave";
import { CODE } from "../../attendance/code";
import { RATE, type Answer, type Request } from "./messages";
import { resampler } from "./resample";

const VOLUME = 50; // of 100: at most half of the range, so that small loudspeakers do not distort
const BLOCK = 1024; // samples that ggwave decodes at a time; of other rates than its own it would lose some in each block

const ready = start({ print: () => undefined, printErr: () => undefined });
const answer = (message: Answer, transfer: Transferable[] = []) => postMessage(message, { transfer });

addEventListener("message", (event: MessageEvent<Request>) => {
  const { data } = event;
  if (data.kind === "encode") void encode(data.code);
  else void listen(data.samples, data.sampleRate);
});

async function encode(code: string): Promise<void> {
  const ggwave = await ready;
  const instance = ggwave.init({ ...ggwave.getDefaultParameters(), sampleRateOut: RATE });
  const bytes = ggwave.encode(instance, code, ggwave.ProtocolId.GGWAVE_PROTOCOL_AUDIBLE_NORMAL, VOLUME);
  const samples = new Float32Array(bytes.slice().buffer);
  ggwave.free(instance);
  answer({ kind: "sound", code, samples }, [samples.buffer]);
}

/** Decodes what the port sends, until the page ends this worker. */
async function listen(port: MessagePort, sampleRate: number): Promise<void> {
  const ggwave = await ready;
  const instance = ggwave.init({ ...ggwave.getDefaultParameters(), sampleRateInp: RATE });
  const decode = resampler(sampleRate, RATE, BLOCK, (block) => {
    const code = String.fromCharCode(...ggwave.decode(instance, new Int8Array(block.buffer)));
    if (CODE.test(code)) answer({ kind: "heard", code });
  });
  port.onmessage = ({ data }: MessageEvent<Float32Array>) => decode(data);
}
