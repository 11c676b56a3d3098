import { setTimeout as wait } from 'node:timers/promises';
import type { Pipeline } from '../../lib/local/emulator/emulator.ts';
import { readQueueCounts } from '../../lib/local/emulator/queue-contents.ts';

const PROGRESS_INTERVAL_MS = 5_000;
const IDLE_TIMEOUT_MS = 900_000;
const POLL_INTERVAL_MS = 500;

/**
 * Waits until a pipeline is idle. It polls rarely, because a poll costs as much as a delivery.
 * @returns what is still busy after 15 minutes; empty when the pipeline is idle
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
 * Reports the progress of a run every few seconds.
 * @param describeSent the progress of the sender, as text
 * @param stopSignal stops the reports
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
