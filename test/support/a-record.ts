import * as v from 'valibot';
import {
  RECORD_SCHEMA_ID,
  type RecordData,
  type RelayRecord,
  RelayRecordSchema,
  type Voucher,
} from '../../lib/record/record.ts';

/** When the records of these tests were received. */
export const RECEIVED_AT = '2026-03-05T09:15:04.000Z';

/** A voucher for tests: 15 percent, usable until the end of April. */
export function aVoucher(changes: Partial<Voucher> = {}): Voucher {
  return {
    id: 'v_Ht5xQm20',
    code: 'HARBOUR-K7Q2',
    kind: 'discount',
    value: {
      form: 'percent',
      percentOff: 15,
      amountLimit: null,
      totalLimit: null,
      currency: 'EUR',
      formula: null,
      fallback: false,
      effect: null,
      dynamic: null,
    },
    usable: true,
    unusableReasons: [],
    active: true,
    startsAt: null,
    expiresAt: '2026-04-30T22:00:00.000Z',
    timeframe: null,
    daysOfWeek: null,
    hours: null,
    redemptions: { limit: 1, used: 0, left: 1 },
    campaignId: 'camp_hb31',
    campaignName: 'Harbour days',
    holderId: 'cust_u9',
    referrerId: null,
    referralCode: false,
    category: null,
    categoryId: null,
    assets: null,
    metadata: null,
    createdAt: null,
    updatedAt: null,
    ...changes,
  };
}

/** A record for tests: a code for a customer. */
export function aRecord(
  changes: Partial<Omit<RelayRecord, 'data'>> & { data?: Partial<RecordData> } = {},
): RelayRecord {
  const { data, ...outside } = changes;
  return v.parse(RelayRecordSchema, {
    specversion: '1.0',
    id: 'whs_hb7Kd93mQ',
    source: '/voucherify/proj_q1/distr_w4',
    type: 'voucherify.manual_distribution_schedule',
    subject: 'cust_u9',
    time: '2026-03-05T09:15:03.120Z',
    datacontenttype: 'application/json',
    dataschema: RECORD_SCHEMA_ID,
    ...outside,
    data: {
      purpose: 'code',
      distributionLabel: 'Harbour codes',
      test: false,
      receivedAt: RECEIVED_AT,
      distribution: null,
      campaign: null,
      voucher: aVoucher(),
      otherVouchers: [],
      promotionTier: null,
      customer: {
        id: 'cust_u9',
        sourceId: 'crm-5512',
        name: 'Ida Quay',
        email: 'ida.quay@example.test',
        phone: '+4400000000',
        birthdate: null,
        description: null,
        address: null,
        metadata: null,
        createdAt: null,
        updatedAt: null,
      },
      publication: {
        id: 'pub_n3',
        createdAt: null,
        result: 'SUCCESS',
        channel: 'Dashboard',
        trackingId: null,
        sourceId: null,
        customerId: 'cust_u9',
        voucherIds: ['v_Ht5xQm20'],
        metadata: null,
      },
      loyalty: null,
      unmapped: { data: { extra: 'kept' } },
      warnings: [],
      ...data,
    },
  });
}
