import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { batchPerFrame } from "./frameBatch.js";

let frames: (() => void)[] = [];
beforeEach(() => {
  frames = [];
  vi.stubGlobal("requestAnimationFrame", (draw: () => void) => frames.push(draw));
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

test("there is one frame for what comes before and after a flush", () => {
  const apply = vi.fn();
  const batch = batchPerFrame<number>(apply);
  batch.add(1);
  batch.flush();
  batch.add(2);
  expect(frames).toHaveLength(1);
  frames[0]?.();
  expect(apply.mock.calls).toEqual([[[1]], [[2]]]);
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
