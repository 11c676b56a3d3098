import type { Issue, Value } from '../record/record.ts';
import type { WebhookBody } from '../voucherify/body-format.ts';
import { formatPath, type Path } from '../voucherify/json.ts';
import { toStartMs } from '../voucherify/timestamp.ts';
import type { EnvelopeInfo } from './envelope.ts';
import { toWarning } from './lenient-parse.ts';
import type { ParsedObjects } from './parse-objects.ts';
import type { Payload } from './payload.ts';
import type { ResolvedEvent } from './purpose.ts';

/** Everything that warnings are about. */
export interface WarningContext extends ResolvedEvent {
  readonly body: WebhookBody;
  readonly envelope: EnvelopeInfo;
  readonly payload: Payload;
  readonly parsed: ParsedObjects;
  readonly validationWarnings: readonly Issue[];
  /** RFC 3339, the time at which `usable` holds. */
  readonly checkedAt: string;
}

/** Every warning of a record: of the envelope, the event, the fields, and the objects together. */
export function findWarnings(context: WarningContext): Issue[] {
  return [
    ...findEnvelopeWarnings(context),
    ...context.envelope.fieldIssues.map(toWarning),
    ...context.payload.warnings,
    ...findEventWarnings(context),
    ...context.validationWarnings,
    ...findObjectWarnings(context),
  ];
}

const UNKNOWN_SOURCE = 'Unknown source; the record is an activity';
const REQUIRED_ENVELOPE_KEYS = ['id', 'project_id', 'created_at'];

/** What an envelope lacks (vendor facts, section 2). The record has a fallback for each. */
function findEnvelopeWarnings({ body: { format, root }, envelope }: WarningContext): Issue[] {
  switch (format) {
    case 'data':
    case 'publication':
    case 'designer':
      return [];
    case 'legacy':
      return [
        {
          path: 'object',
          message: 'An envelope of 2018-08-01; its object was not read and is in unmapped',
        },
      ];
    case 'distribution':
    case 'project':
    case 'workflow':
    case 'other': {
      const warnings: Issue[] = [];
      if (format === 'other') warnings.push({ path: 'source.object', message: UNKNOWN_SOURCE });
      for (const key of REQUIRED_ENVELOPE_KEYS) {
        const value = root[key];
        if (value === undefined || value === null || value === '') {
          warnings.push({
            path: key,
            message: 'Expected in every envelope; the record has a fallback',
          });
        }
      }
      if (envelope.time === null) {
        warnings.push({
          path: 'event.created_at',
          message: 'Expected the time of the event; the record has a fallback',
        });
      }
      return warnings;
    }
  }
}

const WRONG_ENVELOPE = {
  distribution: 'An event of distributions in the envelope of a project webhook',
  project: 'An event of project webhooks in the envelope of a distribution',
};

/** An event that is unknown, in the wrong envelope, or without what it carries (vendor facts, section 3). */
function findEventWarnings({ body, event, definition, payload }: WarningContext): Issue[] {
  const { format } = body;
  if (format !== 'distribution' && format !== 'project' && format !== 'workflow') return [];
  if (event === null || definition === null) {
    return [{ path: 'event.type', message: 'Unknown event' }];
  }
  // what a workflow's event lacks is found where its objects are read (lib/normalise/loyalty.ts)
  if (format === 'workflow') return [];
  const warnings: Issue[] = [];
  if (
    definition.source !== format &&
    (definition.source === 'distribution' || definition.source === 'project')
  ) {
    warnings.push({ path: 'event.type', message: WRONG_ENVELOPE[definition.source] });
  }
  for (const key of definition.requiredFields) {
    const value = payload.data[key];
    if (value === undefined || value === null) {
      warnings.push({ path: `data.${key}`, message: 'Expected with this event' });
    }
  }
  return warnings;
}

/** Objects that contradict each other (vendor facts, section 5), and values that cannot be right or used yet. */
function findObjectWarnings({ parsed, checkedAt }: WarningContext): Issue[] {
  const { voucher, publication, campaign, customer, promotionTier } = parsed.objects;
  const warnings: Issue[] = [];
  const warn = (path: Path, message: string): void => {
    warnings.push({ path: formatPath(path), message });
  };
  const startsAt = voucher?.startsAt ?? null;
  if (startsAt !== null && (toStartMs(startsAt) ?? 0) > Date.parse(checkedAt)) {
    warn([...parsed.voucherPath, 'start_date'], 'The voucher has not started yet');
  }
  if (voucher !== null && hasFractionalAmount(voucher.value)) {
    warn(parsed.voucherPath, FRACTIONAL_AMOUNT);
  }
  if (promotionTier !== null && hasFractionalAmount(promotionTier.value)) {
    warn(parsed.tierPath, FRACTIONAL_AMOUNT);
  }
  if (!parsed.isReward && areBothPresentAndDifferent(voucher?.campaignId, campaign?.id)) {
    warn([...parsed.voucherPath, 'campaign_id'], 'Differs from campaign.id');
  }
  if (areBothPresentAndDifferent(publication?.customerId, customer?.id)) {
    warn([...parsed.customerPath, 'id'], 'Differs from publication.customer_id');
  }
  if (voucher?.id && publication && publication.voucherIds.length > 0) {
    if (!publication.voucherIds.includes(voucher.id)) {
      warn([...parsed.voucherPath, 'id'], 'Not in publication.vouchers_id');
    }
  }
  return warnings;
}

const FRACTIONAL_AMOUNT = 'Expected whole hundredths; the record has the amount as sent';

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
