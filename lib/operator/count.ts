/** Groups equal objects and counts them, the most frequent first. */
export function groupAndCount<Item extends object>(
  items: readonly Item[],
): (Item & { readonly count: number })[] {
  const groups = Map.groupBy(items, (item) => JSON.stringify(Object.values(item)));
  return [...groups.values()]
    .flatMap((group) => (group[0] === undefined ? [] : [{ ...group[0], count: group.length }]))
    .sort((one, other) => other.count - one.count);
}
