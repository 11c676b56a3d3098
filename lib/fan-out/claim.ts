import { createHash } from 'node:crypto';
import { isContentHashId } from '../record/record-id.ts';

/**
 * The right to make one delivery. Claims are told apart by `key`, which an operator can read in the
 * table; `kind` says how long a completed one is remembered.
 */
export interface IdempotencyKey {
  readonly kind: KeyKind;
  readonly key: string;
}
export type KeyKind = 'delivery' | 'delivery_by_hash' | 'once';

const HOUR_SECONDS = 3_600;
const DAY_SECONDS = 86_400;

/**
 * How long a completed claim is remembered. The ids of send-outs: longer than the sender's retries, a
 * manual resend (14 days, vendor facts, section 1), or anything waiting in quarantine or dead letters.
 * An id that is only a hash of the body: as long as the sender retries (24 hours), no longer, since
 * the same body may be meant again another day.
 */
export const RETENTION_SECONDS: { readonly [Kind in KeyKind]: number } = {
  delivery: 15 * DAY_SECONDS,
  delivery_by_hash: 26 * HOUR_SECONDS,
  once: 15 * DAY_SECONDS,
};

/** The claim on delivering one record to one destination: the same in every attempt. */
export function toDeliveryKey(recordId: string, destination: string): IdempotencyKey {
  const kind = isContentHashId(recordId) ? 'delivery_by_hash' : 'delivery';
  return { kind, key: `delivery#${destination}#${recordId}` };
}

/**
 * The claim on telling one destination of one act of the merchant's business.
 * @param businessKey what the destination's `once` made of the record; it may be personal, so the
 * table gets its hash
 */
export function toBusinessKey(businessKey: string, destination: string): IdempotencyKey {
  const hash = createHash('sha256').update(businessKey).digest('hex');
  return { kind: 'once', key: `once#${destination}#${hash}` };
}
