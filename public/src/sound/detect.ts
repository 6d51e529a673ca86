// Tones in a spectrum. A tone is a narrow peak that stands far above its surroundings: speech and clatter are loud,
// but broad. A tone shows that the phone is near the teacher's speaker. It is no proof.

/** How far from its nominal frequency a tone is looked for, in Hz. */
const REACH = 25;
/** Where its surroundings are, on both sides, in Hz. */
const NEAR = 60;
const FAR = 140;
/** How far above its surroundings a tone stands, and how loud it is at least, in dB. */
const ABOVE = 15;
const AUDIBLE = -90;

/** Levels are in dB, one for each bin of binWidth Hz, as an AnalyserNode gives them. */
export function hasTone(levels: Float32Array, binWidth: number, tone: number): boolean {
  const peak = loudest(levels, binWidth, tone - REACH, tone + REACH);
  const below = loudest(levels, binWidth, tone - FAR, tone - NEAR);
  const above = loudest(levels, binWidth, tone + NEAR, tone + FAR);
  return peak > AUDIBLE && peak > Math.max(below, above) + ABOVE;
}

export const hasAll = (levels: Float32Array, binWidth: number, tones: readonly number[]): boolean =>
  tones.length > 0 && tones.every((tone) => hasTone(levels, binWidth, tone));

/** Whether there is any sound at all in the range of voices and tones. */
export const hasSound = (levels: Float32Array, binWidth: number): boolean => loudest(levels, binWidth, 100, 8000) > AUDIBLE;

function loudest(levels: Float32Array, binWidth: number, from: number, to: number): number {
  let level = -Infinity;
  const last = Math.min(Math.floor(to / binWidth), levels.length - 1);
  for (let bin = Math.max(Math.ceil(from / binWidth), 0); bin <= last; bin++) level = Math.max(level, levels[bin] ?? -Infinity);
  return level;
}

const GRID = { from: 1800, step: 150, count: 17 };

/** Three tones that any phone's speaker and microphone carry, far enough apart to be told from each other. */
export function chooseTones(random: () => number = Math.random): number[] {
  const steps = new Set<number>();
  while (steps.size < 3) steps.add(Math.floor(random() * GRID.count));
  return [...steps].sort((a, b) => a - b).map((step) => GRID.from + step * GRID.step);
}
