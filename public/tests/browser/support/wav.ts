export const RATE = 48_000;
const SECONDS = 2;

/** Two seconds of tones together, or of silence, which the microphone repeats. */
export function wav(tones: readonly number[]): Buffer {
  return wavOf(Float32Array.from({ length: RATE * SECONDS }, (_, i) =>
    tones.reduce((sum, tone) => sum + Math.sin((2 * Math.PI * tone * i) / RATE), 0) / Math.max(tones.length, 1) / 2));
}

/** A file of samples between -1 and 1. */
export function wavOf(samples: Float32Array): Buffer {
  const file = Buffer.alloc(44 + samples.length * 2);
  file.write("RIFF", 0);
  file.writeUInt32LE(36 + samples.length * 2, 4);
  file.write("WAVEfmt ", 8);
  file.writeUInt32LE(16, 16);
  file.writeUInt16LE(1, 20); // PCM
  file.writeUInt16LE(1, 22); // one channel
  file.writeUInt32LE(RATE, 24);
  file.writeUInt32LE(RATE * 2, 28);
  file.writeUInt16LE(2, 32);
  file.writeUInt16LE(16, 34);
  file.write("data", 36);
  file.writeUInt32LE(samples.length * 2, 40);
  for (const [i, sample] of samples.entries()) file.writeInt16LE(Math.round(sample * 32_000), 44 + i * 2);
  return file;
}
