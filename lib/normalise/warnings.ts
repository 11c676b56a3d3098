import type { BodyFormat } from '../voucherify/body-format.ts';
import type { EventDefinition } from '../voucherify/event-catalogue.ts';
import type { JsonObject } from '../voucherify/json.ts';
import { toStartMs } from '../voucherify/timestamp.ts';
import type { ParsedObjects } from './parse-objects.ts';
import { formatPath, type Path } from './path.ts';
import type { Issue, Value } from '../record/record.ts';
import type { EnvelopeInfo } from './envelope.ts';

/** Says where the envelope is not what the facts promise; each has a fallback. */
export function findEnvelopeWarnings(
  format: BodyFormat,
  envelope: EnvelopeInfo,
  root: JsonObject,
): Issue[] {
  switch (format) {
    case 'data':
    case 'publication':
    case 'designer':
      return [];
    case 'legacy':
      return [
        {
          path: 'object',
          message: 'An envelope of 2018-08-01: its object is in rest and was not read',
        },
      ];
    case 'distribution':
    case 'project': {
      const warnings: Issue[] = [];
      for (const key of ['id', 'project_id', 'created_at']) {
        const value = root[key];
        if (value === undefined || value === null || value === '') {
          warnings.push({
            path: key,
            message: 'Expected in every envelope; something else stands in',
          });
        }
      }
      if (envelope.time === null) {
        warnings.push({
          path: 'event.created_at',
          message: 'No time of the event; another stands in',
        });
      }
      return warnings;
    }
  }
}

const WRONG_ENVELOPE = {
  distribution: 'An event of distributions, in an envelope of the project',
  project: 'An event of the project, in an envelope of a distribution',
};

/** Says when an event is not known, came in the wrong envelope, or lacks what it should carry. */
export function findEventWarnings(
  format: BodyFormat,
  event: string | null,
  definition: EventDefinition | null,
  data: JsonObject,
): Issue[] {
  if (format !== 'distribution' && format !== 'project') return [];
  if (event === null || definition === null) {
    return [{ path: 'event.type', message: 'An event that is not known here' }];
  }
  const warnings: Issue[] = [];
  if (
    definition.source !== format &&
    (definition.source === 'distribution' || definition.source === 'project')
  ) {
    warnings.push({ path: 'event.type', message: WRONG_ENVELOPE[definition.source] });
  }
  for (const key of definition.requiredFields) {
    if (data[key] === undefined || data[key] === null) {
      warnings.push({ path: `data.${key}`, message: 'Expected with this event' });
    }
  }
  return warnings;
}

/** Says what the objects do not agree on, and what will not work yet. */
export function findObjectWarnings(parsed: ParsedObjects, receivedAt: string): Issue[] {
  const { voucher, publication, campaign, customer, promotionTier } = parsed.objects;
  const warnings: Issue[] = [];
  const warn = (path: Path, message: string): void => {
    warnings.push({ path: formatPath(path), message });
  };
  const startsAt = voucher?.startsAt ?? null;
  if (startsAt !== null && (toStartMs(startsAt) ?? 0) > Date.parse(receivedAt)) {
    warn([...parsed.voucherPath, 'start_date'], 'The voucher cannot be used yet');
  }
  if (voucher !== null && hasFractionalAmount(voucher.value)) {
    warn(parsed.voucherPath, 'Expected whole hundredths; the amount is as it was sent');
  }
  if (promotionTier !== null && hasFractionalAmount(promotionTier.value)) {
    warn(parsed.tierPath, 'Expected whole hundredths; the amount is as it was sent');
  }
  if (!parsed.isReward && areBothPresentAndDifferent(voucher?.campaignId, campaign?.id)) {
    warn([...parsed.voucherPath, 'campaign_id'], 'Another campaign than the one beside it');
  }
  if (areBothPresentAndDifferent(publication?.customerId, customer?.id)) {
    warn([...parsed.customerPath, 'id'], 'Another customer than the one of the publication');
  }
  if (voucher?.id && publication && publication.voucherIds.length > 0) {
    if (!publication.voucherIds.includes(voucher.id)) {
      warn([...parsed.voucherPath, 'id'], 'Not among the vouchers of the publication');
    }
  }
  return warnings;
}

function areBothPresentAndDifferent(
  one: string | null | undefined,
  other: string | null | undefined,
): boolean {
  return typeof one === 'string' && typeof other === 'string' && one !== other;
}

function hasFractionalAmount(value: Value | null): boolean {
  if (value === null) return false;
  switch (value.form) {
    case 'amount':
      return ![value.amountOff, value.totalLimit].every(isWholeOrNull);
    case 'percent':
      return ![value.amountLimit, value.totalLimit].every(isWholeOrNull);
    case 'fixed':
      return !isWholeOrNull(value.fixedAmount);
    case 'gift':
      return ![value.amount, value.balance].every(isWholeOrNull);
    case 'units':
    case 'shipping':
    case 'points':
    case 'unknown':
      return false;
  }
}

function isWholeOrNull(amount: number | null): boolean {
  return amount === null || Number.isInteger(amount);
}
