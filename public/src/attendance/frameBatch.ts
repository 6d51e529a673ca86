export interface Batch<Item> {
  add: (item: Item) => void;
  /** Applies the collected items at once, before something that must come after them. */
  flush: () => void;
  cancel: () => void;
}

/**
 * Collects the items that arrive within one frame of the screen, so that 200 updates a second cost 60 renderings at most.
 * A hidden page draws no frames: its items are applied when it is shown again.
 */
export function batchPerFrame<Item>(apply: (items: readonly Item[]) => void): Batch<Item> {
  let items: Item[] = [];
  let frame = 0;
  const flush = () => {
    cancelAnimationFrame(frame);
    frame = 0;
    if (items.length === 0) return;
    const ready = items;
    items = [];
    apply(ready);
  };
  return {
    add: (item) => {
      items.push(item);
      if (frame === 0) frame = requestAnimationFrame(flush);
    },
    flush,
    cancel: () => {
      cancelAnimationFrame(frame);
      items = [];
    },
  };
}
