import { createHash } from 'node:crypto';

/**
 * A number from 0 up to 1 that depends on the seed and on what it is asked about, and on nothing else:
 * so the faults of a run do not depend on which of two things happened first.
 */
export type SeededRandom = (...key: readonly (string | number)[]) => number;

const HASH_BYTES = 6;
const VALUE_COUNT = 2 ** 48;

/** Chance from a seed; the same seed gives the same faults. */
export function createSeededRandom(seed: number): SeededRandom {
  return (...key) => {
    const hash = createHash('sha256').update(JSON.stringify([seed, ...key]));
    return hash.digest().readUIntBE(0, HASH_BYTES) / VALUE_COUNT;
  };
}

/** One of several things, each as likely as its weight is large beside the others'. */
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
