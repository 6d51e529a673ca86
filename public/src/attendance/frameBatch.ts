export interface Batch<Item> {
  add: (item: Item) => void;
  /** Applies what has gathered at once, before something that must come after it. */
  flush: () => void;
  cancel: () => void;
}

/**
 * Gathers what arrives within one frame of the screen, so that 200 updates a second cost 60 renderings at most.
 * A hidden page draws no frames: what arrives meanwhile is applied when somebody looks at it again.
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
