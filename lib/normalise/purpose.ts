import { EVENT_SUBJECTS, type EventRow } from '../voucherify/event-catalogue.ts';
import { isJsonObject, type JsonObject } from '../voucherify/json.ts';
import type { Purpose } from '../record/record.ts';

/** What a purpose is inferred from. No body names its purpose (vendor facts, section 3). */
export interface Evidence {
  readonly data: JsonObject;
  readonly hasCustomer: boolean;
  /** The event's row of the catalogue; null when there is no event, or one that is not known. */
  readonly row: EventRow | null;
  /** The merchant's own shape: it holds what the merchant chose, so what is in it decides. */
  readonly mapped: boolean;
}

/**
 * Why a distribution sent this. A publication means that a code was given. Where the event itself
 * carries no voucher, one that is there was added to be sent, and so was a promotion tier.
 */
export function purposeOf({ data, hasCustomer, row, mapped }: Evidence): Purpose {
  const hasVoucher = isJsonObject(data['voucher']);
  const hasPublication = isJsonObject(data['publication']);
  const hasTier = isJsonObject(data['promotion_tier']);
  if (mapped) return byContent(hasVoucher || hasPublication, hasTier);
  if (row?.event === 'manual_distribution_schedule') {
    return hasTier && !hasVoucher && !hasPublication ? 'promotion' : 'code';
  }
  if (row?.event === 'customer.publication.succeeded' || hasPublication) return 'code';
  if (row === null ? hasCustomer && !hasSubject(data) : row.adds === 'purpose') {
    return byContent(hasVoucher, hasTier);
  }
  return hasCustomer || row?.from === 'distribution' ? 'message' : 'activity';
}

function byContent(hasCode: boolean, hasTier: boolean): Purpose {
  if (hasCode) return 'code';
  return hasTier ? 'promotion' : 'message';
}

/** Says whether the data tells of something that happened (an order, a redemption, ...). */
export function hasSubject(data: JsonObject): boolean {
  return Object.entries(data).some(
    ([key, value]) => typeof value === 'object' && value !== null && EVENT_SUBJECTS.has(key),
  );
}

/** The event of a body without an envelope, as far as its content tells (vendor facts, section 2.3). */
export function inferredEvent(data: JsonObject): string | null {
  if (isJsonObject(data['distribution'])) return 'manual_distribution_schedule';
  if (isJsonObject(data['publication']) && !hasSubject(data)) {
    return 'customer.publication.succeeded';
  }
  return null;
}

/** Says whether the event is about a reward, where `voucher` is the card that earned or paid for it. */
export function isReward(event: string | null, data: JsonObject): boolean {
  return event === null ? isJsonObject(data['reward']) : event.startsWith('customer.reward');
}
