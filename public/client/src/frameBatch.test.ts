import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { batchPerFrame } from "./frameBatch.js";

let frames: (() => void)[] = [];
beforeEach(() => {
  frames = [];
  vi.stubGlobal("requestAnimationFrame", (draw: () => void) => frames.push(draw));
  vi.stubGlobal("cancelAnimationFrame", (frame: number) => (frames[frame - 1] = () => undefined));
});
afterEach(() => {
  vi.unstubAllGlobals();
  vi.useRealTimers();
});

test("items of one frame are applied once, in order", () => {
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

test("flush applies at once, the frame applies nothing more", () => {
  const apply = vi.fn();
  const batch = batchPerFrame<number>(apply);
  batch.add(1);
  batch.flush();
  frames[0]?.();
  expect(apply.mock.calls).toEqual([[[1]]]);
});

test("cancelled items are not applied", () => {
  const apply = vi.fn();
  const batch = batchPerFrame<number>(apply);
  batch.add(1);
  batch.cancel();
  frames[0]?.();
  batch.flush();
  expect(apply).not.toHaveBeenCalled();
});

test("without a screen, a timer applies the items", () => {
  vi.stubGlobal("requestAnimationFrame", undefined);
  vi.useFakeTimers();
  const apply = vi.fn();
  const batch = batchPerFrame<number>(apply);
  batch.add(1);
  batch.add(2);
  vi.runAllTimers();
  expect(apply.mock.calls).toEqual([[[1, 2]]]);
});
