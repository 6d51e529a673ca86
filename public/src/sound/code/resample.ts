/**
 * Brings a stream of samples to another rate and into blocks of one size, by drawing a straight line between neighbours. That is
 * good enough for sounds far below half of either rate, as those of codes are.
 */
export function resampler(from: number, to: number, size: number, onBlock: (block: Float32Array<ArrayBuffer>) => void) {
  const step = from / to;
  let position = 1; // of the next sample to make, counted from the last sample of the input before
  let before = 0;
  let block = new Float32Array(size);
  let filled = 0;

  return (samples: Float32Array) => {
    for (; position <= samples.length; position += step) {
      const index = Math.floor(position);
      const left = index === 0 ? before : (samples[index - 1] ?? 0);
      const right = samples[index] ?? left;
      block[filled++] = left + (position - index) * (right - left);
      if (filled < size) continue;
      onBlock(block);
      block = new Float32Array(size);
      filled = 0;
    }
    position -= samples.length;
    before = samples.at(-1) ?? before;
  };
}
