/** The part of ggwave 0.4.0 that the page uses. The package has no types of its own. */
declare module "ggwave" {
  interface Parameters {
    sampleRateInp: number;
    sampleRateOut: number;
  }
  interface Ggwave {
    ProtocolId: { GGWAVE_PROTOCOL_AUDIBLE_NORMAL: object };
    getDefaultParameters: () => Parameters;
    init: (parameters: Parameters) => number;
    free: (instance: number) => void;
    /** The sound of a text: 32-bit samples as bytes, in memory that the next call overwrites. */
    encode: (instance: number, text: string, protocol: object, volume: number) => Int8Array;
    /** The text that ends in these samples, or nothing. The bytes are in memory that the next call overwrites. */
    decode: (instance: number, samples: Int8Array) => Int8Array;
  }
  const start: (options: { print: () => void; printErr: () => void }) => Promise<Ggwave>;
  export default start;
}
