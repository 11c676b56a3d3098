/**
 * Maps items by an asynchronous function, of which at most `limit` calls run at once. The results have the
 * order of the items. Rejects when a call does.
 */
export async function mapLimited<Item, Result>(
  limit: number,
  items: readonly Item[],
  map: (item: Item) => Promise<Result>,
): Promise<readonly Result[]> {
  const results: Result[] = [];
  const left = items.entries();
  const mapLeft = async (): Promise<void> => {
    for (const [index, item] of left) results[index] = await map(item);
  };
  await Promise.all(Array.from({ length: Math.min(limit, items.length) }, mapLeft));
  return results;
}
