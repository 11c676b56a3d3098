import { availableParallelism } from 'node:os';

const MAX_ENVIRONMENTS = 10;
const MIN_ENVIRONMENTS = 2;

/**
 * How many execution environments of a function this machine should have at most: one a core. The
 * emulators need the cores too; with more threads they would answer too late.
 */
export function chooseEnvironmentCount(): number {
  return Math.min(MAX_ENVIRONMENTS, Math.max(MIN_ENVIRONMENTS, availableParallelism()));
}
