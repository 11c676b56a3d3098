import type { Destination, RequestOutcomes } from '../destinations/destination.ts';
import type { DeliveryOutcome } from '../destinations/outcome.ts';
import { rejected, retry } from '../destinations/outcome.ts';
import { errorName } from '../error-name.ts';
import type { RelayRecord } from '../record/record.ts';

/** Resolves after that many milliseconds; rejects when the signal aborts first. */
export type Wait = (ms: number, signal?: AbortSignal) => Promise<unknown>;

/** How much later than its timeout an attempt ends that does not stop by itself. */
export const TIMEOUT_GRACE_MS = 500;

/**
 * Makes one attempt to deliver records with one request. It ends at the timeout of the destination and a
 * short grace at the latest, whatever the destination does.
 * @param records one, or several for a destination with `deliverMany`
 */
export async function attemptRequest(
  destination: Destination,
  records: readonly RelayRecord[],
  now: Date,
  wait: Wait,
): Promise<RequestOutcomes> {
  const ofAll = (request: DeliveryOutcome): RequestOutcomes => ({
    request,
    records: records.map(() => null),
  });
  const timeout = new AbortController();
  const settled = new AbortController();
  const outlive = async (): Promise<RequestOutcomes> => {
    await wait(destination.timeoutMs, settled.signal);
    timeout.abort();
    // an attempt that ignores its signal must not keep the invocation, and so the other deliveries
    await wait(TIMEOUT_GRACE_MS, settled.signal);
    return ofAll(retry('timeout', { maybeDelivered: true }));
  };
  const ended = Promise.withResolvers<RequestOutcomes>();
  // the timer that is ended below rejects, and nobody waits for it any more
  outlive().then(ended.resolve, () => {});
  try {
    const context = { now, signal: timeout.signal };
    const [record] = records;
    if (record === undefined) throw new TypeError('A request without records');
    const attempt =
      destination.deliverMany?.(records, context) ??
      destination.deliver(record, context).then(ofAll);
    return await Promise.race([attempt, ended.promise]);
  } catch (error) {
    return ofAll(rejected('deliver_threw', { cause: errorName(error) }));
  } finally {
    settled.abort();
  }
}
