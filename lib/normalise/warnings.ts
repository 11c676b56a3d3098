import type { BodyForm } from '../voucherify/body-format.ts';
import type { EventRow } from '../voucherify/event-catalogue.ts';
import type { JsonObject } from '../voucherify/json.ts';
import { startOf } from '../voucherify/timestamp.ts';
import type { ObjectsReading } from './parse-objects.ts';
import { dotted, type Path } from './path.ts';
import type { Issue, Value } from '../record/record.ts';
import type { Sending } from './envelope.ts';

/** Says where the envelope is not what the facts promise; each has a fallback. */
export function remarksOnEnvelope(form: BodyForm, sending: Sending, root: JsonObject): Issue[] {
  switch (form) {
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
      const remarks: Issue[] = [];
      for (const key of ['id', 'project_id', 'created_at']) {
        const value = root[key];
        if (value === undefined || value === null || value === '') {
          remarks.push({
            path: key,
            message: 'Expected in every envelope; something else stands in',
          });
        }
      }
      if (sending.time === null) {
        remarks.push({
          path: 'event.created_at',
          message: 'No time of the event; another stands in',
        });
      }
      return remarks;
    }
  }
}

const MISPLACED = {
  distribution: 'An event of distributions, in an envelope of the project',
  project: 'An event of the project, in an envelope of a distribution',
};

/** Says when an event is not known, came in the wrong envelope, or lacks what it should carry. */
export function remarksOnEvent(
  form: BodyForm,
  event: string | null,
  row: EventRow | null,
  data: JsonObject,
): Issue[] {
  if (form !== 'distribution' && form !== 'project') return [];
  if (event === null || row === null) {
    return [{ path: 'event.type', message: 'An event that is not known here' }];
  }
  const remarks: Issue[] = [];
  if (row.from !== form && (row.from === 'distribution' || row.from === 'project')) {
    remarks.push({ path: 'event.type', message: MISPLACED[row.from] });
  }
  for (const key of row.needs) {
    if (data[key] === undefined || data[key] === null) {
      remarks.push({ path: `data.${key}`, message: 'Expected with this event' });
    }
  }
  return remarks;
}

/** Says what the objects do not agree on, and what will not work yet. */
export function remarksOnObjects(reading: ObjectsReading, at: string): Issue[] {
  const { voucher, publication, campaign, customer, promotionTier } = reading.objects;
  const remarks: Issue[] = [];
  const remark = (path: Path, message: string): void => {
    remarks.push({ path: dotted(path), message });
  };
  const startsAt = voucher?.startsAt ?? null;
  if (startsAt !== null && (startOf(startsAt) ?? 0) > Date.parse(at)) {
    remark([...reading.voucherAt, 'start_date'], 'The voucher cannot be used yet');
  }
  if (voucher !== null && hasFractionOfMoney(voucher.value)) {
    remark(reading.voucherAt, 'Expected whole hundredths; the amount is as it was sent');
  }
  if (promotionTier !== null && hasFractionOfMoney(promotionTier.value)) {
    remark(reading.tierAt, 'Expected whole hundredths; the amount is as it was sent');
  }
  if (!reading.isReward && differ(voucher?.campaignId, campaign?.id)) {
    remark([...reading.voucherAt, 'campaign_id'], 'Another campaign than the one beside it');
  }
  if (differ(publication?.customerId, customer?.id)) {
    remark([...reading.customerAt, 'id'], 'Another customer than the one of the publication');
  }
  if (voucher?.id && publication && publication.voucherIds.length > 0) {
    if (!publication.voucherIds.includes(voucher.id)) {
      remark([...reading.voucherAt, 'id'], 'Not among the vouchers of the publication');
    }
  }
  return remarks;
}

function differ(one: string | null | undefined, other: string | null | undefined): boolean {
  return typeof one === 'string' && typeof other === 'string' && one !== other;
}

function hasFractionOfMoney(value: Value | null): boolean {
  if (value === null) return false;
  switch (value.form) {
    case 'amount':
      return ![value.amountOff, value.totalLimit].every(isWhole);
    case 'percent':
      return ![value.amountLimit, value.totalLimit].every(isWhole);
    case 'fixed':
      return !isWhole(value.fixedAmount);
    case 'gift':
      return ![value.amount, value.balance].every(isWhole);
    case 'units':
    case 'shipping':
    case 'points':
    case 'unknown':
      return false;
  }
}

function isWhole(amount: number | null): boolean {
  return amount === null || Number.isInteger(amount);
}
