import { expect } from 'vitest';
import * as v from 'valibot';
import type { RelayRecord } from '../../lib/record/record.ts';
import { aRecord, aVoucher } from '../support/a-record.ts';
import {
  AirshipPassSchema,
  BrazeTrackSchema,
  KlaviyoJobSchema,
  KlaviyoProfileSchema,
  SendgridMailSchema,
  SnowflakeStatementSchema,
  TwilioMessageSchema,
} from './api-shapes.ts';

const ACCOUNT = `AC${'0'.repeat(32)}`;

const TwilioFormSchema = v.pipe(
  v.string(),
  v.transform((text) => Object.fromEntries(new URLSearchParams(text))),
  TwilioMessageSchema,
);
const createJsonTextSchema = <Schema extends v.GenericSchema>(schema: Schema) =>
  v.pipe(v.string(), v.parseJson(), schema);

const POINTS_CARD = aVoucher({
  id: 'v_card 7',
  kind: 'loyalty',
  value: {
    form: 'points',
    points: 900,
    balance: 250,
    pending: null,
    expired: null,
    subtracted: null,
    nextExpiration: null,
  },
});
/** A code for a customer with a phone. */
export const CODE = aRecord({ data: { customer: aCustomer() } });
/** Points that changed on a loyalty card. */
export const POINTS = aRecord({
  type: 'voucherify.voucher.loyalty_card.transaction.created',
  data: { purpose: 'activity', voucher: POINTS_CARD },
});

/** The customer of these records. */
export function aCustomer(changes: object = {}) {
  return { ...requireCustomer(aRecord()), phone: '+442071838750', ...changes };
}

function requireCustomer({ data }: RelayRecord) {
  if (data.customer === null) throw new Error('The record for tests has a customer');
  return data.customer;
}

/** Each example: its secret, what it receives, and the request that its API documents. */
export const EXAMPLES = [
  {
    name: 'klaviyo',
    secret: 'invented-key',
    record: CODE,
    request: {
      method: 'POST',
      path: '/hook/profile-import',
      headers: {
        authorization: 'Klaviyo-API-Key invented-key',
        revision: expect.stringMatching(/^\d{4}-\d{2}-\d{2}$/) as string,
        'content-type': 'application/vnd.api+json',
      },
    },
    body: createJsonTextSchema(KlaviyoProfileSchema),
  },
  {
    name: 'klaviyo-bulk',
    secret: 'invented-key',
    record: CODE,
    request: {
      method: 'POST',
      path: '/hook/profile-bulk-import-jobs',
      headers: {
        authorization: 'Klaviyo-API-Key invented-key',
        'content-type': 'application/vnd.api+json',
      },
    },
    body: createJsonTextSchema(KlaviyoJobSchema),
  },
  {
    name: 'braze',
    secret: 'invented-key',
    record: CODE,
    request: {
      method: 'POST',
      path: '/hook/users/track',
      headers: { authorization: 'Bearer invented-key', 'content-type': 'application/json' },
    },
    body: createJsonTextSchema(BrazeTrackSchema),
  },
  {
    name: 'twilio',
    secret: 'invented-token',
    record: CODE,
    request: {
      method: 'POST',
      path: `/hook/Accounts/${ACCOUNT}/Messages.json`,
      headers: {
        authorization: `Basic ${Buffer.from(`${ACCOUNT}:invented-token`).toString('base64')}`,
        'content-type': 'application/x-www-form-urlencoded',
      },
    },
    body: TwilioFormSchema,
  },
  {
    name: 'sendgrid',
    secret: 'invented-key',
    record: CODE,
    request: {
      method: 'POST',
      path: '/hook/v3/mail/send',
      headers: { authorization: 'Bearer invented-key', 'content-type': 'application/json' },
    },
    body: createJsonTextSchema(SendgridMailSchema),
  },
  {
    name: 'snowflake',
    secret: 'invented-token',
    record: CODE,
    request: {
      method: 'POST',
      path: '/hook/api/v2/statements',
      headers: {
        authorization: 'Bearer invented-token',
        'x-snowflake-authorization-token-type': 'PROGRAMMATIC_ACCESS_TOKEN',
        accept: 'application/json',
        'content-type': 'application/json',
        'user-agent': 'voucher-relay',
      },
    },
    body: createJsonTextSchema(SnowflakeStatementSchema),
  },
  {
    name: 'wallet',
    secret: 'invented-secret',
    record: POINTS,
    request: {
      method: 'PUT',
      path: '/hook/pass/template/17/id/v_card%207',
      headers: {
        authorization: `Basic ${Buffer.from('invented-app:invented-secret').toString('base64')}`,
        'api-revision': '1.2',
        'content-type': 'application/json',
      },
    },
    body: createJsonTextSchema(AirshipPassSchema),
  },
];
