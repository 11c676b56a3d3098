import { SUBJECT_KEYS, type EventDefinition } from '../voucherify/event-catalogue.ts';
import { isJsonObject, type JsonObject } from '../voucherify/json.ts';
import type { Purpose } from '../record/record.ts';

/** What a purpose is inferred from. No body names its purpose (vendor facts, section 3). */
export interface PurposeInput {
  readonly data: JsonObject;
  readonly hasCustomer: boolean;
  /** The event's row of the catalogue; null when there is no event, or one that is not known. */
  readonly definition: EventDefinition | null;
  /** The merchant's own shape: it holds what the merchant chose, so what is in it decides. */
  readonly isMapped: boolean;
}

/**
 * Why a distribution sent this. A publication means that a code was given. Where the event itself
 * carries no voucher, one that is there was added to be sent, and so was a promotion tier.
 */
export function inferPurpose({ data, hasCustomer, definition, isMapped }: PurposeInput): Purpose {
  const hasVoucher = isJsonObject(data['voucher']);
  const hasPublication = isJsonObject(data['publication']);
  const hasTier = isJsonObject(data['promotion_tier']);
  if (isMapped) return inferPurposeFromContent(hasVoucher || hasPublication, hasTier);
  if (definition?.event === 'manual_distribution_schedule') {
    return hasTier && !hasVoucher && !hasPublication ? 'promotion' : 'code';
  }
  if (definition?.event === 'customer.publication.succeeded' || hasPublication) return 'code';
  if (definition === null ? hasCustomer && !hasEventSubject(data) : definition.adds === 'purpose') {
    return inferPurposeFromContent(hasVoucher, hasTier);
  }
  return hasCustomer || definition?.source === 'distribution' ? 'message' : 'activity';
}

function inferPurposeFromContent(hasCode: boolean, hasTier: boolean): Purpose {
  if (hasCode) return 'code';
  return hasTier ? 'promotion' : 'message';
}

/** Says whether the data tells of something that happened (an order, a redemption, ...). */
export function hasEventSubject(data: JsonObject): boolean {
  return Object.entries(data).some(
    ([key, value]) => typeof value === 'object' && value !== null && SUBJECT_KEYS.has(key),
  );
}

/** The event of a body without an envelope, as far as its content tells (vendor facts, section 2.3). */
export function inferEvent(data: JsonObject): string | null {
  if (isJsonObject(data['distribution'])) return 'manual_distribution_schedule';
  if (isJsonObject(data['publication']) && !hasEventSubject(data)) {
    return 'customer.publication.succeeded';
  }
  return null;
}

/** Says whether the event is about a reward, where `voucher` is the card that earned or paid for it. */
export function isReward(event: string | null, data: JsonObject): boolean {
  return event === null ? isJsonObject(data['reward']) : event.startsWith('customer.reward');
}
