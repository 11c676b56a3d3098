/** Counts events per time step, for a sparkline. */
export interface TimeSeries {
  add(atMs: number): void;
  /** The counts of the last steps, oldest first; the last step has not ended yet. */
  counts(nowMs: number): number[];
}

const STEP_MS = 5_000;
const STEP_COUNT = 60;

/** Creates a series of five minutes in steps of five seconds. Its size is fixed. */
export function createTimeSeries(): TimeSeries {
  const counts = Array.from({ length: STEP_COUNT }, () => 0);
  let newest = 0;
  const advanceTo = (atMs: number): void => {
    const step = Math.floor(atMs / STEP_MS);
    const first = Math.max(newest + 1, step - STEP_COUNT + 1);
    for (let current = first; current <= step; current += 1) counts[current % STEP_COUNT] = 0;
    newest = Math.max(newest, step);
  };
  return {
    add(atMs) {
      advanceTo(atMs);
      const slot = newest % STEP_COUNT;
      counts[slot] = (counts[slot] ?? 0) + 1;
    },
    counts(nowMs) {
      advanceTo(nowMs);
      const oldest = (newest + 1) % STEP_COUNT;
      return [...counts.slice(oldest), ...counts.slice(0, oldest)];
    },
  };
}
