// Runs where the browser records: sends the samples of the microphone to the port that it is given, in blocks.

/* global AudioWorkletProcessor, registerProcessor */

const BLOCK = 2048; // about 20 messages in a second

class Capture extends AudioWorkletProcessor {
  constructor() {
    super();
    this.block = new Float32Array(BLOCK);
    this.filled = 0;
    this.port.onmessage = ({ data }) => {
      this.decoder = data;
    };
  }

  process([[samples]]) {
    if (!this.decoder || !samples) return true;
    this.block.set(samples, this.filled); // a block is a whole number of the browser's 128 samples
    this.filled += samples.length;
    if (this.filled === BLOCK) {
      this.decoder.postMessage(this.block, [this.block.buffer]);
      this.block = new Float32Array(BLOCK);
      this.filled = 0;
    }
    return true;
  }
}

registerProcessor("capture", Capture);
