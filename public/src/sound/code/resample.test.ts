import { expect, test } from "vitest";
import { resampler } from "./resample";

const tone = (rate: number, seconds: number) => Float32Array.from({ length: rate * seconds }, (_, i) => Math.sin((2 * Math.PI * 1000 * i) / rate));

/** All that comes out of the samples, given in blocks of 128 as a browser does. */
function resampled(samples: Float32Array, from: number, to: number, size: number): number[] {
  const out: number[] = [];
  const push = resampler(from, to, size, (block) => {
    expect(block).toHaveLength(size);
    out.push(...block);
  });
  for (let i = 0; i < samples.length; i += 128) push(samples.subarray(i, i + 128));
  return out;
}

test.each([44_100, 48_000, 16_000, 96_000])("a tone at %i Hz is the same tone at 48,000", (rate) => {
  const out = resampled(tone(rate, 1), rate, 48_000, 100);
  const wanted = tone(48_000, 1);
  expect(Math.abs(out.length - wanted.length)).toBeLessThan(200);
  // The first sample out is the first sample in.
  expect(Math.max(...out.map((sample, i) => Math.abs(sample - (wanted[i] ?? 0))))).toBeLessThan(0.03);
});

test("samples at the same rate come out unchanged", () => {
  const samples = Float32Array.from({ length: 1024 }, (_, i) => (i % 7) / 7);
  expect(resampled(samples, 48_000, 48_000, 256)).toEqual([...samples]);
});
