import { setImmediate } from 'node:timers/promises';

/** The pipeline runs in the process of the console: after so many milliseconds it has its turn. */
const SLICE_MS = 15;

/** Creates a function to call between the steps of long work. It waits whenever the pipeline has to have its turn. */
export function createTurns(): () => Promise<void> {
  let startedAt = performance.now();
  return async () => {
    if (performance.now() - startedAt < SLICE_MS) return;
    await setImmediate();
    startedAt = performance.now();
  };
}
