import type { Issue, Purpose } from '../record/record.ts';
import type { BodyFormat } from '../voucherify/body-format.ts';
import {
  type EventDefinition,
  EVENTS,
  SUBJECT_KEYS,
  WORKFLOW_EVENTS,
} from '../voucherify/event-catalogue.ts';
import { formatPath, isJsonObject, type JsonObject } from '../voucherify/json.ts';
import type { Payload } from './payload.ts';

/** The event of a webhook and its entry in the catalogue. Null when unknown. */
export interface ResolvedEvent {
  readonly event: string | null;
  readonly definition: EventDefinition | null;
}

/**
 * Resolves the event: the envelope names it, or the payload implies it (vendor facts, section 2.3). What
 * a mapping returns implies none.
 */
export function resolveEvent(envelopeEvent: string | null, payload: Payload): ResolvedEvent {
  const event = envelopeEvent ?? (payload.isMapped ? null : inferEvent(payload.data));
  const definition = EVENTS.get(event ?? '') ?? WORKFLOW_EVENTS.get(event ?? '') ?? null;
  return { event, definition };
}

function inferEvent(data: JsonObject): string | null {
  if (isJsonObject(data['distribution'])) return 'manual_distribution_schedule';
  if (isJsonObject(data['publication']) && !hasEventSubject(data)) {
    return 'customer.publication.succeeded';
  }
  return null;
}

/** Says whether the event is about a reward: then `voucher` is the card that earned or paid for it. */
export function isReward(event: string | null, data: JsonObject): boolean {
  return event === null ? isJsonObject(data['reward']) : event.startsWith('customer.reward');
}

/**
 * Infers why a webhook was sent: no body says so (vendor facts, section 3). A publication means that a
 * code was given. Where the event itself carries no voucher, a voucher in it was added to be sent, and
 * so was a promotion tier. What a mapping returns is what the merchant chose to send.
 * @param definition null when there is no event, or an unknown one
 */
export function inferPurpose(
  format: BodyFormat,
  { data, isMapped }: Payload,
  definition: EventDefinition | null,
  hasCustomer: boolean,
): Purpose {
  if (PLAIN_ACTIVITIES.has(format)) return 'activity';
  const purposeOfReport =
    hasCustomer || definition?.source === 'distribution' ? 'message' : 'activity';
  if (isRedemption(definition)) return purposeOfReport;
  const hasVoucher = isJsonObject(data['voucher']);
  const hasPublication = isJsonObject(data['publication']);
  const hasTier = isJsonObject(data['promotion_tier']);
  if (isMapped) return inferPurposeFromContent(hasVoucher || hasPublication, hasTier);
  if (definition?.event === 'manual_distribution_schedule') {
    return hasTier && !hasVoucher && !hasPublication ? 'promotion' : 'code';
  }
  if (definition?.event === 'customer.publication.succeeded' || hasPublication) return 'code';
  if (definition === null ? hasCustomer && !hasEventSubject(data) : definition.carriesContent) {
    return inferPurposeFromContent(hasVoucher, hasTier);
  }
  return purposeOfReport;
}

/** The code of a redemption is spent, whatever else is beside it and whichever mapping reads it. */
function isRedemption(definition: EventDefinition | null): boolean {
  return definition !== null && definition.requiredFields.includes('redemption');
}

/** What is not from a distribution reports that something happened, and asks for nothing. */
const PLAIN_ACTIVITIES: ReadonlySet<BodyFormat> = new Set([
  'project',
  'legacy',
  'workflow',
  'other',
]);

const UNCERTAIN_CODE =
  'A code of an unknown event can be a spent one. Expected a publication or a distribution beside it; ' +
  'for a distribution that sends only the fields you chose, use the address of the mapping `code`';

/**
 * Checks that a code is there to be handed out, and not because somebody redeemed it: the event says so,
 * or a publication, or a distribution, or the merchant by choosing a mapping. An issue otherwise.
 */
export function findUncertainCode(
  { data, isMapped, toBodyPath }: Payload,
  definition: EventDefinition | null,
): readonly Issue[] {
  const isCertain =
    isMapped ||
    definition !== null ||
    isJsonObject(data['publication']) ||
    isJsonObject(data['distribution']);
  return isCertain ? [] : [{ path: formatPath(toBodyPath(['voucher'])), message: UNCERTAIN_CODE }];
}

function inferPurposeFromContent(hasCode: boolean, hasTier: boolean): Purpose {
  if (hasCode) return 'code';
  return hasTier ? 'promotion' : 'message';
}

/** Says whether the data has what an event is about: an order, a redemption, a segment and so on. */
function hasEventSubject(data: JsonObject): boolean {
  return Object.entries(data).some(
    ([key, value]) => typeof value === 'object' && value !== null && SUBJECT_KEYS.has(key),
  );
}
