import { expect, test } from "vitest";
import { chooseTones, hasAll, hasSound, hasTone } from "./detect";

const BIN = 48_000 / 4096;

/** A spectrum with a floor and peaks at some frequencies. */
function spectrum(floor: number, peaks: Record<number, number> = {}): Float32Array {
  const levels = new Float32Array(2048).fill(floor);
  for (const [hertz, level] of Object.entries(peaks)) levels[Math.round(Number(hertz) / BIN)] = level;
  return levels;
}

test("a narrow peak above its surroundings is a tone", () => {
  expect(hasTone(spectrum(-80, { 1200: -40 }), BIN, 1200)).toBe(true);
});

test("a tone beside the wanted one is not the wanted one", () => {
  expect(hasTone(spectrum(-80, { 1350: -40 }), BIN, 1200)).toBe(false);
});

test("noise is no tone, however loud", () => {
  expect(hasTone(spectrum(-20), BIN, 1200)).toBe(false);
});

test("a tone below the noise is no tone", () => {
  expect(hasTone(spectrum(-50, { 1200: -40 }), BIN, 1200)).toBe(false);
});

test("silence is neither tone nor sound", () => {
  const silence = spectrum(-Infinity);
  expect(hasTone(silence, BIN, 1200)).toBe(false);
  expect(hasSound(silence, BIN)).toBe(false);
});

test("hasAll needs every tone", () => {
  const levels = spectrum(-80, { 1200: -40, 1800: -45 });
  expect(hasAll(levels, BIN, [1200, 1800])).toBe(true);
  expect(hasAll(levels, BIN, [1200, 1800, 2400])).toBe(false);
  expect(hasAll(levels, BIN, [])).toBe(false);
});

test("chosen tones differ enough to be distinguished", () => {
  const values = [0.1, 0.1, 0.11, 0.5, 0.9];
  expect(chooseTones(() => values.shift() ?? 0)).toEqual([1950, 3000, 4050]);
});
