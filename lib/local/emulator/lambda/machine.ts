import { availableParallelism } from 'node:os';

const MOST_ENVIRONMENTS = 10;
const FEWEST_ENVIRONMENTS = 2;

/**
 * How many execution environments of a function this machine should have at most: one a core. The
 * emulators need the cores too; with more threads they would answer too late.
 */
export function environmentsForThisMachine(): number {
  return Math.min(MOST_ENVIRONMENTS, Math.max(FEWEST_ENVIRONMENTS, availableParallelism()));
}
