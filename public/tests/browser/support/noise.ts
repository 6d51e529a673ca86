/** Random numbers from 0 to 1 that are the same in every run. */
export function randomFrom(seed: number): () => number {
  return () => {
    seed = (seed + 0x6d2b79f5) | 0;
    let mixed = Math.imul(seed ^ (seed >>> 15), 1 | seed);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}

const POLES = [0.9999, 0.999, 0.99, 0.9, 0.5];

/** Pink noise: as strong in every octave. It is the sum of slower and slower random walks. */
export function pink(length: number, random: () => number): Float32Array {
  const states = POLES.map(() => 0);
  return Float32Array.from({ length }, () => {
    const white = random() * 2 - 1;
    return POLES.reduce((sum, pole, i) => {
      const state = pole * (states[i] ?? 0) + Math.sqrt(1 - pole) * white;
      states[i] = state;
      return sum + state;
    }, 0);
  });
}

const VOICES = 4;
const HARMONICS = 24;
const SYLLABLE = 0.13; // seconds

/** Noise like speech: several voices at once, each with syllables, pauses, and the harmonics that a throat and a mouth make. */
export function speech(length: number, rate: number, random: () => number): Float32Array {
  const out = new Float32Array(length);
  for (let voice = 0; voice < VOICES; voice++) {
    const syllable = Math.floor(rate * (SYLLABLE + 0.02 * voice));
    let phase = 0;
    let level = 0;
    let loudness = 0;
    let pitch = 0;
    let strengths: number[] = [];
    for (let i = 0; i < length; i++) {
      if (i % syllable === 0) {
        loudness = random() < 0.3 ? 0 : 0.3 + random();
        pitch = (100 + 40 * voice) * (0.85 + 0.3 * random());
        const formants = [300 + random() * 600, 900 + random() * 1400, 2300 + random() * 900];
        strengths = Array.from({ length: HARMONICS }, (_, n) =>
          formants.reduce((sum, formant) => sum + 1 / (1 + (((n + 1) * pitch - formant) / 150) ** 2), 0) / Math.sqrt(n + 1));
      }
      level += (loudness - level) * 0.0005;
      phase += pitch / rate;
      const voiced = strengths.reduce((sum, strength, n) => sum + strength * Math.sin(2 * Math.PI * (n + 1) * phase), 0);
      out[i] = (out[i] ?? 0) + level * (voiced + 0.1 * (random() - 0.5));
    }
  }
  return out;
}

export const power = (samples: Float32Array) => samples.reduce((sum, sample) => sum + sample * sample, 0) / samples.length;

/** Adds noise that is some decibels below the given power, and scales both into the range of a recording. */
export function withNoise(sound: Float32Array, soundPower: number, noise: Float32Array, decibels: number): Float32Array {
  const gain = Math.sqrt(soundPower / power(noise) / 10 ** (decibels / 10));
  const mixed = sound.map((sample, i) => sample + gain * (noise[i] ?? 0));
  const peak = mixed.reduce((most, sample) => Math.max(most, Math.abs(sample)), 0);
  return mixed.map((sample) => (sample / peak) * 0.9);
}

