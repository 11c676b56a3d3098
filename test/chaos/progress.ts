import { setTimeout as wait } from 'node:timers/promises';
import type { LocalPipeline } from '../../lib/local/emulator/local-pipeline.ts';
import { readQueueCounts } from '../../lib/local/emulator/queue-contents.ts';

const PROGRESS_INTERVAL_MS = 5_000;

/**
 * Reports the progress of a run every few seconds.
 * @param describeSent the progress of the sender, as text
 * @param stopSignal stops the reports
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
