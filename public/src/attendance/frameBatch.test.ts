import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { batchPerFrame } from "./frameBatch";

let frames: (() => void)[] = [];
beforeEach(() => {
  frames = [];
  vi.stubGlobal("requestAnimationFrame", (draw: () => void) => frames.push(draw));
  vi.stubGlobal("cancelAnimationFrame", (frame: number) => (frames[frame - 1] = () => undefined));
});
afterEach(() => {
  vi.unstubAllGlobals();
});

test("what comes within a frame is applied together, in order, once", () => {
  const apply = vi.fn();
  const batch = batchPerFrame<number>(apply);
  batch.add(1);
  batch.add(2);
  expect(frames).toHaveLength(1);
  expect(apply).not.toHaveBeenCalled();
  frames[0]?.();
  expect(apply.mock.calls).toEqual([[[1, 2]]]);
  batch.add(3);
  expect(frames).toHaveLength(2);
});

test("a flush applies at once, and the frame that was asked for does nothing more", () => {
  const apply = vi.fn();
  const batch = batchPerFrame<number>(apply);
  batch.add(1);
  batch.flush();
  frames[0]?.();
  expect(apply.mock.calls).toEqual([[[1]]]);
});

test("what was cancelled is never applied", () => {
  const apply = vi.fn();
  const batch = batchPerFrame<number>(apply);
  batch.add(1);
  batch.cancel();
  frames[0]?.();
  batch.flush();
  expect(apply).not.toHaveBeenCalled();
});
