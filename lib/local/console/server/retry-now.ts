import type { LocalPipeline } from '../../emulator/local-pipeline.ts';
import { StartError } from '../../emulator/start-error.ts';

/** The dependencies of `retryNow`. */
export interface RetryNowDeps {
  readonly pipeline: Pick<LocalPipeline, 'waitingDeliveries' | 'backlogs'>;
  /** Finds the id of a destination by its name. */
  readonly getDestinationId: (name: string) => string;
  /** Called with a delivery's new time, in milliseconds since 1970. */
  readonly onRescheduled: (recordId: string, destinationId: string, nextAt: number) => void;
  readonly now: () => number;
}

/**
 * Lets one waiting delivery be attempted now.
 * @param destination the name of the destination
 * @returns what happens, in one line
 * @throws StartError (rejects) when nothing would happen
 */
export async function retryNow(
  { pipeline, getDestinationId, onRescheduled, now }: RetryNowDeps,
  { recordId, destination }: { readonly recordId: string; readonly destination: string },
): Promise<string> {
  const id = getDestinationId(destination);
  if ((pipeline.backlogs.read().get(id)?.pausedAt ?? null) !== null)
    throw new StartError(`${destination} is paused. Resume it in the tab Queues first.`);
  const idInBody = JSON.stringify(recordId);
  const changed = await pipeline.waitingDeliveries.reschedule(
    (delivery) => (delivery.recordId === recordId && delivery.destination === id ? now() : null),
    ({ body }) => body.includes(idInBody),
  );
  if (changed.length === 0)
    throw new StartError(`The delivery to ${destination} does not wait any more: it has its turn.`);
  for (const { nextAtMs } of changed) onRescheduled(recordId, id, nextAtMs);
  return `The delivery to ${destination} is attempted now.`;
}
