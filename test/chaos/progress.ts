import { setTimeout as wait } from 'node:timers/promises';
import type { Pipeline } from '../../lib/local/emulator/emulator.ts';
import { queueCounts } from '../../lib/local/emulator/queue-contents.ts';

const PROGRESS_EVERY_MS = 5_000;
const REST_LIMIT_MS = 900_000;
const LOOK_EVERY_MS = 500;

/**
 * Waits until a pipeline has come to rest, looking seldom: looking costs as much as delivering.
 * @returns what is still going on after a quarter of an hour; nothing when it has come to rest
 */
export async function restOf(pipeline: Pipeline): Promise<readonly string[]> {
  const endsAt = performance.now() + REST_LIMIT_MS;
  for (;;) {
    const rest = await pipeline.quiet(0);
    if (rest.quiet) return [];
    if (performance.now() >= endsAt) return rest.stillGoingOn;
    await wait(LOOK_EVERY_MS);
  }
}

/**
 * Says every few seconds how far a run is.
 * @param asked how far the sender is, in words
 * @param resting ends it
 */
export async function tellProgress(
  { endpoints }: Pipeline,
  asked: () => string,
  say: (text: string) => void,
  resting: AbortSignal,
): Promise<void> {
  while (!resting.aborted) {
    await wait(PROGRESS_EVERY_MS, null, { signal: resting }).catch(() => null);
    if (resting.aborted) return;
    const counts = await queueCounts(endpoints.sqsEndpoint).catch(() => new Map<string, number>());
    const on = [...counts].map(([name, many]) => `${name.split('-local-').at(-1)} ${many}`);
    say(`${asked()}; on the queues: ${on.join(', ')}`);
  }
}
