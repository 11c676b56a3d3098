/** Equal things, and how many there are. */
export type Counted<Item> = Item & { readonly count: number };

/** So many groups are listed: a report has to be read, and must not grow with the queue. */
const MAX_GROUPS = 100;

/** Groups of equal things, the most frequent first, and how many things are in no group. */
export interface Groups<Item> {
  readonly groups: Counted<Item>[];
  readonly others: number;
}

/** Groups equal things, up to MAX_GROUPS groups. */
export interface Counter<Item> {
  readonly add: (item: Item, count?: number) => void;
  readonly read: () => Groups<Item>;
}

/** Creates a counter. Things are equal when their values are, in their order. */
export function createCounter<Item extends object>(): Counter<Item> {
  const counts = new Map<string, Item & { count: number }>();
  let others = 0;
  return {
    add(item, count = 1) {
      const key = JSON.stringify(Object.values(item));
      const group = counts.get(key);
      if (group !== undefined) group.count += count;
      else if (counts.size < MAX_GROUPS) counts.set(key, { ...item, count });
      else others += count;
    },
    read: () => ({
      groups: [...counts.values()].sort((one, other) => other.count - one.count),
      others,
    }),
  };
}

/**
 * Adds up groups, up to MAX_GROUPS.
 * @param toItem returns what is equal in a group
 */
export function addGroups<Group extends { readonly count: number }, Item extends object>(
  groups: readonly Group[],
  toItem: (group: Group) => Item,
): Groups<Item> {
  const counter = createCounter<Item>();
  for (const group of groups) counter.add(toItem(group), group.count);
  return counter.read();
}
