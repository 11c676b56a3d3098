import { createHash } from 'node:crypto';

/**
 * A number from 0 (inclusive) to 1 (exclusive) that depends only on the seed and the key: the faults of a
 * run do not depend on the order of events. The keys are part of the seed: a renamed key changes the faults.
 */
export type SeededRandom = (...key: readonly (string | number)[]) => number;

const HASH_BYTES = 6;
const VALUE_COUNT = 2 ** 48;

/** Makes a random source. The same seed gives the same faults. */
export function createSeededRandom(seed: number): SeededRandom {
  return (...key) => {
    const hash = createHash('sha256').update(JSON.stringify([seed, ...key]));
    return hash.digest().readUIntBE(0, HASH_BYTES) / VALUE_COUNT;
  };
}

/** Picks an item with a probability in proportion to its weight. @param draw from 0 to 1 */
export function pickWeighted<Item>(
  weights: readonly (readonly [Item, number])[],
  draw: number,
): Item | null {
  const total = weights.reduce((sum, [, weight]) => sum + weight, 0);
  let cumulative = 0;
  for (const [item, weight] of weights) {
    cumulative += weight;
    if (draw * total < cumulative) return item;
  }
  return null;
}
