/** Counts events in steps of time, for a small plot. */
export interface Series {
  add(atMs: number): void;
  /** The counts of the last steps, oldest first; the last one is still going on. */
  counts(nowMs: number): number[];
}

const STEP_MS = 5_000;
const STEPS = 60;

/** A series of five minutes in steps of five seconds. It never grows. */
export function createSeries(): Series {
  const counts = Array.from({ length: STEPS }, () => 0);
  let newest = 0;
  const forward = (atMs: number): void => {
    const step = Math.floor(atMs / STEP_MS);
    const first = Math.max(newest + 1, step - STEPS + 1);
    for (let each = first; each <= step; each += 1) counts[each % STEPS] = 0;
    newest = Math.max(newest, step);
  };
  return {
    add(atMs) {
      forward(atMs);
      const place = newest % STEPS;
      counts[place] = (counts[place] ?? 0) + 1;
    },
    counts(nowMs) {
      forward(nowMs);
      const oldest = (newest + 1) % STEPS;
      return [...counts.slice(oldest), ...counts.slice(0, oldest)];
    },
  };
}
