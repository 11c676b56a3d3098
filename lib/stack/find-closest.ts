/** A name with more differences is another name, not a typing error. */
const MAX_DISTANCE = 3;

/** Returns the candidate that differs from a name by the fewest characters, if those are few; else null. */
export function findClosest(name: string, candidates: Iterable<string>): string | null {
  let closest: string | null = null;
  let fewest = MAX_DISTANCE + 1;
  for (const candidate of candidates) {
    const distance = countEdits(name.toLowerCase(), candidate.toLowerCase());
    if (distance < fewest) [closest, fewest] = [candidate, distance];
  }
  return closest;
}

/** How many characters must be inserted, removed or replaced to make one text of the other (Levenshtein). */
function countEdits(from: string, to: string): number {
  let previous = Array.from({ length: to.length + 1 }, (_, column) => column);
  for (const [row, character] of from.split('').entries()) {
    const current = [row + 1];
    for (const [column, other] of to.split('').entries()) {
      current.push(
        Math.min(
          (previous[column] ?? 0) + (character === other ? 0 : 1),
          (previous[column + 1] ?? 0) + 1,
          (current[column] ?? 0) + 1,
        ),
      );
    }
    previous = current;
  }
  return previous.at(-1) ?? 0;
}
