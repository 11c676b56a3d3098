import { createHash } from 'node:crypto';

/**
 * A number from 0 up to 1 that depends on the seed and on what it is asked about, and on nothing else:
 * so the faults of a run do not depend on which of two things happened first.
 */
export type Chance = (...about: readonly (string | number)[]) => number;

const BYTES = 6;
const VALUES = 2 ** 48;

/** Chance from a seed; the same seed gives the same faults. */
export function createChance(seed: number): Chance {
  return (...about) => {
    const hash = createHash('sha256').update(JSON.stringify([seed, ...about]));
    return hash.digest().readUIntBE(0, BYTES) / VALUES;
  };
}

/** One of several things, each as likely as its weight is large beside the others'. */
export function pick<Thing>(
  weights: readonly (readonly [Thing, number])[],
  draw: number,
): Thing | null {
  const all = weights.reduce((sum, [, weight]) => sum + weight, 0);
  let passed = 0;
  for (const [thing, weight] of weights) {
    passed += weight;
    if (draw * all < passed) return thing;
  }
  return null;
}
