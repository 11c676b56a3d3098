import type { DeliveriesTable, Holder, HeldRow } from '../deliveries/deliveries.ts';
import { toBusinessKey, toDeliveryKey, toWebhook } from '../deliveries/row.ts';
import { type DeliveryOutcome, rejected } from '../destinations/outcome.ts';
import { requireSync } from '../destinations/require-sync.ts';
import { errorName } from '../error-name.ts';
import type { Delivery, DeliveryResult, HeldRows } from './delivery.ts';

/** The rows of a delivery, or why it is not attempted. Then `held` has what was taken all the same. */
export type TakenRows =
  | { readonly kind: 'taken'; readonly held: HeldRows }
  | { readonly kind: 'not_taken'; readonly result: DeliveryResult; readonly held: HeldRows | null };

/**
 * Takes the row of a delivery and, with a business key, the row of that: only who holds both may
 * attempt the delivery. One that was released needs its own row only.
 * @param now the time of a first attempt
 */
export async function takeRows(
  deliveries: DeliveriesTable,
  delivery: Delivery,
  holder: Holder,
  now: Date,
): Promise<TakenRows> {
  const { record, destination, times } = delivery;
  const webhook = toWebhook(record);
  const own = await deliveries.take(toDeliveryKey(record, destination.id), holder, times, webhook);
  if (own.kind !== 'taken') return { kind: 'not_taken', result: own, held: null };
  const { attempts, firstAt, lastFailure, unfinishedTries, isReleased } = own.before;
  const toHeld = (rows: readonly HeldRow[]): HeldRows => ({
    rows,
    attempt: attempts + 1,
    firstAt: firstAt ?? now,
    lastFailure,
    unfinishedTries,
    isReleased,
  });
  const notTaken = (result: DeliveryResult): TakenRows => ({
    kind: 'not_taken',
    result,
    held: toHeld([own.row]),
  });

  // What was released is delivered on purpose. The row of its business key stays delivered meanwhile, so that
  // no other record of the same act passes.
  if (isReleased) return { kind: 'taken', held: toHeld([own.row]) };
  const business = getBusinessKey(delivery);
  if (!business.ok) return notTaken({ ...business.outcome, isProbe: false });
  if (business.key === null) return { kind: 'taken', held: toHeld([own.row]) };
  const shared = await deliveries.take(toBusinessKey(business.key, destination.id), holder, times);
  if (shared.kind !== 'taken') return notTaken(shared);
  return { kind: 'taken', held: toHeld([own.row, shared.row]) };
}

/** The business key of a delivery, null without one; or the outcome when `deduplicateBy` threw. */
type BusinessKey =
  | { readonly ok: true; readonly key: string | null }
  | { readonly ok: false; readonly outcome: DeliveryOutcome };

function getBusinessKey({ record, destination }: Delivery): BusinessKey {
  // a test is meant each time that it is sent
  if (record.data.test) return { ok: true, key: null };
  try {
    const key: unknown = requireSync(destination.deduplicateBy(record));
    // an empty key would make one record of all that have no value for it
    if (key === null || key === undefined || key === '') return { ok: true, key: null };
    if (typeof key !== 'string') throw new TypeError('A business key is not a text');
    return { ok: true, key };
  } catch (error) {
    return { ok: false, outcome: rejected('deduplicate_by_threw', { cause: errorName(error) }) };
  }
}
