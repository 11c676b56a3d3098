import type { DeliverMany, Destination, RequestOutcomes } from './destination.ts';
import type { DeliveryOutcome } from './outcome.ts';

/**
 * Combines the outcomes of the records of a request. A receiver that took none of them failed, whatever
 * its response was.
 * @param request the outcome of a request of which some were taken
 */
export function toRequestOutcomes(
  request: DeliveryOutcome,
  records: readonly DeliveryOutcome[],
): RequestOutcomes {
  if (records.some(({ kind }) => kind === 'delivered')) return { request, records };
  // with a rejection the receiver has responded, and is not down
  const failure = records.find(({ kind }) => kind === 'rejected') ?? records[0];
  return { request: failure ?? request, records };
}

/**
 * Sends the records that are not rejected before. When all are, nothing is sent.
 * @param rejections the rejection of each record, or null for one that is sent
 * @param send resolves to the outcomes of those that are sent, in their order
 */
export async function sendUnrejected(
  rejections: readonly (DeliveryOutcome | null)[],
  send: () => Promise<RequestOutcomes>,
): Promise<RequestOutcomes> {
  const [first = null] = rejections;
  if (first !== null && !rejections.includes(null)) return { request: first, records: rejections };
  const { request, records } = await send();
  const results = records.values();
  return { request, records: rejections.map((own) => own ?? results.next().value ?? null) };
}

/** Makes `deliver` of `deliverMany`: one record is a group of one. */
export function toDeliver(deliverMany: DeliverMany): Destination['deliver'] {
  return async (record, context) => {
    const { request, records } = await deliverMany([record], context);
    return records[0] ?? request;
  };
}
