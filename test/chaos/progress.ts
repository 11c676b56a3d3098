import { setTimeout as wait } from 'node:timers/promises';
import type { LocalPipeline } from '../../lib/local/emulator/local-pipeline.ts';
import { readQueueCounts } from '../../lib/local/emulator/queue-contents.ts';

const PROGRESS_INTERVAL_MS = 5_000;

/**
 * Says every few seconds how far a run is.
 * @param describeSent how far the sender is, in words
 * @param stopSignal ends it
 */
export async function reportProgress(
  { endpoints }: LocalPipeline,
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
