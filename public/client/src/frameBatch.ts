export interface Batch<Item> {
  add: (item: Item) => void;
  /** Applies the collected items at once, before something that must come after them. */
  flush: () => void;
  cancel: () => void;
}

/** How long items are collected where there is no screen, in milliseconds. */
const FRAME = 16;

/**
 * Collects the items that arrive within one frame of the screen, so that 200 updates a second cost 60 renderings at most.
 * A hidden page draws no frames: its items are applied when it is shown again.
 */
export function batchPerFrame<Item>(apply: (items: readonly Item[]) => void): Batch<Item> {
  let items: Item[] = [];
  let stop: (() => void) | undefined;
  const cancel = () => {
    stop?.();
    stop = undefined;
    items = [];
  };
  const flush = () => {
    const ready = items;
    cancel();
    if (ready.length > 0) apply(ready);
  };
  return {
    add: (item) => {
      items.push(item);
      stop ??= nextFrame(flush);
    },
    flush,
    cancel,
  };
}

/** Runs once at the next frame, and returns what prevents it. */
function nextFrame(draw: () => void): () => void {
  if (typeof requestAnimationFrame === "undefined") {
    const timer = setTimeout(draw, FRAME);
    return () => clearTimeout(timer);
  }
  const frame = requestAnimationFrame(draw);
  return () => cancelAnimationFrame(frame);
}
