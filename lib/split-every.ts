/** Splits items into groups of so many, the last of which may be smaller. */
export function splitEvery<Item>(count: number, items: readonly Item[]): Item[][] {
  return Array.from({ length: Math.ceil(items.length / count) }, (_, n) =>
    items.slice(n * count, (n + 1) * count),
  );
}
