import { setTimeout as wait } from 'node:timers/promises';
import type { Pipeline } from '../../lib/local/emulator/local-pipeline.ts';
import { readQueueCounts } from '../../lib/local/emulator/queue-contents.ts';

const PROGRESS_INTERVAL_MS = 5_000;
const IDLE_TIMEOUT_MS = 900_000;
const POLL_INTERVAL_MS = 500;

/**
 * Waits until a pipeline has come to rest, looking seldom: looking costs as much as delivering.
 * @returns what is still going on after a quarter of an hour; nothing when it has come to rest
 */
export async function waitUntilIdle(pipeline: Pipeline): Promise<readonly string[]> {
  const deadline = performance.now() + IDLE_TIMEOUT_MS;
  for (;;) {
    const idle = await pipeline.waitUntilIdle(0);
    if (idle.isIdle) return [];
    if (performance.now() >= deadline) return idle.busy;
    await wait(POLL_INTERVAL_MS);
  }
}

/**
 * Says every few seconds how far a run is.
 * @param describeSent how far the sender is, in words
 * @param stopSignal ends it
 */
export async function reportProgress(
  { endpoints }: Pipeline,
  describeSent: () => string,
  report: (text: string) => void,
  stopSignal: AbortSignal,
): Promise<void> {
  while (!stopSignal.aborted) {
    await wait(PROGRESS_INTERVAL_MS, null, { signal: stopSignal }).catch(() => null);
    if (stopSignal.aborted) return;
    const counts = await readQueueCounts(endpoints.sqsEndpoint).catch(
      () => new Map<string, number>(),
    );
    const queues = [...counts].map(
      ([name, messageCount]) => `${name.split('-local-').at(-1)} ${messageCount}`,
    );
    report(`${describeSent()}; on the queues: ${queues.join(', ')}`);
  }
}
