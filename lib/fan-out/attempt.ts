import type { DeliveryOutcome } from '../destinations/outcome.ts';
import { rejected, retry } from '../destinations/outcome.ts';
import { errorName } from '../error-name.ts';
import type { Delivery } from './delivery.ts';

/** Resolves after that many milliseconds; rejects when the signal aborts first. */
export type Wait = (ms: number, signal?: AbortSignal) => Promise<unknown>;

/** How much later than its timeout an attempt ends that does not stop by itself. */
export const TIMEOUT_GRACE_MS = 500;

/**
 * Makes one attempt at a delivery. It ends at the timeout of the destination and a short grace at the
 * latest, whatever the destination does.
 */
export async function attemptDelivery(
  { record, destination }: Delivery,
  now: Date,
  wait: Wait,
): Promise<DeliveryOutcome> {
  const timeout = new AbortController();
  const settled = new AbortController();
  const outlive = async (): Promise<DeliveryOutcome> => {
    await wait(destination.timeoutMs, settled.signal);
    timeout.abort();
    // an attempt that ignores its signal must not keep the invocation, and so the other deliveries
    await wait(TIMEOUT_GRACE_MS, settled.signal);
    return retry('timeout', { maybeDelivered: true });
  };
  const ended = Promise.withResolvers<DeliveryOutcome>();
  // the timer that is ended below rejects, and nobody waits for it any more
  outlive().then(ended.resolve, () => {});
  try {
    const attempt = destination.deliver(record, { now, signal: timeout.signal });
    return await Promise.race([attempt, ended.promise]);
  } catch (error) {
    return rejected('deliver_threw', { cause: errorName(error) });
  } finally {
    settled.abort();
  }
}
