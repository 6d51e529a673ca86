export interface Batch<Item> {
  add: (item: Item) => void;
  /** Applies the collected items at once, before something that must come after them. */
  flush: () => void;
}

/** How long items are collected where there is no screen, in milliseconds. */
const FRAME = 16;

/**
 * Collects the items that arrive within one frame of the screen, so that 200 updates a second cost 60 renderings at most.
 * A hidden page draws no frames: its items are applied when it is shown again.
 */
export function batchPerFrame<Item>(apply: (items: readonly Item[]) => void): Batch<Item> {
  let items: Item[] = [];
  let awaited = false;
  const flush = () => {
    const ready = items;
    items = [];
    if (ready.length) apply(ready);
  };
  const draw = () => {
    awaited = false;
    flush();
  };
  return {
    add: (item) => {
      items.push(item);
      if (awaited) return;
      awaited = true;
      if (typeof requestAnimationFrame === "undefined") setTimeout(draw, FRAME);
      else requestAnimationFrame(draw);
    },
    flush,
  };
}
