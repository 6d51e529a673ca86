import { useEffect, useRef } from "react";

const WIDTH = 320;
const HEIGHT = 80;
const UP_TO = 5000; // Hz
const QUIET = -100; // dB

/** What the microphone hears, with lines where the tones are expected. */
export function Spectrum({ analyser, tones }: { analyser: AnalyserNode; tones: readonly number[] }) {
  const canvas = useRef<HTMLCanvasElement>(null);

  useEffect(() => {
    const context = canvas.current?.getContext("2d");
    if (!canvas.current || !context) return;
    const style = getComputedStyle(canvas.current);
    const levels = new Float32Array(analyser.frequencyBinCount);
    const binWidth = analyser.context.sampleRate / analyser.fftSize;
    let frame = requestAnimationFrame(function draw() {
      analyser.getFloatFrequencyData(levels);
      context.clearRect(0, 0, WIDTH, HEIGHT);
      context.fillStyle = style.getPropertyValue("--line-strong");
      for (const tone of tones) context.fillRect((tone / UP_TO) * WIDTH, 0, 1, HEIGHT);
      context.fillStyle = style.getPropertyValue("--accent");
      for (let x = 0; x < WIDTH; x += 2) {
        const from = Math.floor(((x / WIDTH) * UP_TO) / binWidth);
        const to = Math.floor((((x + 2) / WIDTH) * UP_TO) / binWidth);
        const level = Math.max(...levels.subarray(from, to + 1), QUIET);
        const height = ((level - QUIET) / -QUIET) * HEIGHT;
        context.fillRect(x, HEIGHT - height, 1.5, height);
      }
      frame = requestAnimationFrame(draw);
    });
    return () => cancelAnimationFrame(frame);
  }, [analyser, tones]);

  return <canvas ref={canvas} className="spectrum" width={WIDTH} height={HEIGHT} role="img" aria-label="Spectrum of what the microphone hears" />;
}
