/** Draws some of all at random, each at most once. */
export function draw<Item>(all: readonly Item[], some: number, random: () => number = Math.random): Item[] {
  const left = [...all];
  const drawn: Item[] = [];
  while (drawn.length < some && left.length > 0) drawn.push(...left.splice(Math.floor(random() * left.length), 1));
  return drawn;
}
