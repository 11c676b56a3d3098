import * as v from 'valibot';
import { SIGNATURE_HEADER } from '../voucherify/signature.ts';
import { SENDER_IPS, type SenderRegion } from '../voucherify/sender-ips.ts';

/** The path of the endpoint, as in serverless.yml. */
const WEBHOOK_PATH = '/webhooks/voucherify';
/** Voucherify's own sample ids are zeros after the prefix: such an id makes a record a test (to-record.ts). */
const ZEROS = '0'.repeat(18);
/** An address that is checked by nobody: that of this machine. */
const ANY_IP = '127.0.0.1';

/** The code that the test webhook of this id hands out. */
export function toTestCode(id: string): string {
  return `RELAY-CHECK-${id.slice(-12).toUpperCase()}`;
}

/**
 * Creates the body of a test webhook: a code of a distribution, with an invented customer. Its own id is new
 * each time, so that it can be found in logs and in the table; the ids of its objects make it a test.
 * @param id of the form `whs_...`
 */
export function createTestBody(id: string, at: Date): string {
  const time = at.toISOString();
  const customer = {
    id: `cust_${ZEROS}`,
    source_id: 'relay-check',
    name: 'Relay Check',
    // reserved for examples: RFC 2606, and the numbers 555-0100 to 555-0199
    email: 'relay-check@example.com',
    phone: '+12025550143',
    object: 'customer',
  };
  return JSON.stringify({
    id,
    project_id: 'proj_check',
    created_at: time,
    type: 'campaign.message',
    data: {
      distribution: { id: `distr_${ZEROS}`, created_at: time, distribution_channels: ['webhook'] },
      voucher: {
        id: `v_${ZEROS}`,
        code: toTestCode(id),
        type: 'DISCOUNT_VOUCHER',
        discount: { type: 'PERCENT', percent_off: 10 },
        active: true,
        redemption: { quantity: 1, redeemed_quantity: 0 },
        start_date: null,
        expiration_date: '2099-12-31T23:59:59.000Z',
        metadata: {},
        object: 'voucher',
      },
      customer,
      publication: {
        id: `pub_${ZEROS}`,
        object: 'publication',
        created_at: time,
        customer_id: customer.id,
        result: 'SUCCESS',
        vouchers_id: [`v_${ZEROS}`],
      },
    },
    source: { id: `distr_${ZEROS}`, object: 'distribution' },
    event: { type: 'manual_distribution_schedule', created_at: time },
  });
}

const ACCEPTED = 202;
const QueuedSchema = v.pipe(
  v.string(),
  v.parseJson(),
  v.object({ status: v.literal('queued'), test: v.literal(true) }),
);

/** Returns whether receive responded that the record of a test webhook is on its queue. */
export function isQueuedTest(response: {
  readonly status: number;
  readonly body: string;
}): boolean {
  return response.status === ACCEPTED && v.is(QueuedSchema, response.body);
}

/**
 * Creates the event of an HTTP API (payload format 2.0) for a webhook, so that receive can be invoked
 * without the API: from this function's own address it would raise the alarm unknown-sender.
 * @param signature null for a webhook without one
 * @param id the id of the request in the log of receive
 * @param sourceIp see chooseSenderIp
 */
export function toHttpApiEvent(
  body: string,
  signature: string | null,
  { id, sourceIp }: { readonly id: string; readonly sourceIp: string },
): object {
  return {
    version: '2.0',
    routeKey: `POST ${WEBHOOK_PATH}`,
    rawPath: WEBHOOK_PATH,
    rawQueryString: '',
    headers: {
      'content-type': 'application/json',
      ...(signature === null ? {} : { [SIGNATURE_HEADER]: signature }),
    },
    requestContext: {
      http: { method: 'POST', path: WEBHOOK_PATH, protocol: 'HTTP/1.1', sourceIp },
      requestId: id,
    },
    body,
    isBase64Encoded: false,
  };
}

/**
 * Chooses an address that the sender IP check of receive accepts.
 * @param addresses those of a dedicated region: addresses and CIDR ranges
 */
export function chooseSenderIp(region: SenderRegion | null, addresses: readonly string[]): string {
  if (region !== null) return SENDER_IPS[region][0];
  const [first] = addresses;
  // the first address of a range is in it
  return first?.split('/')[0] ?? ANY_IP;
}
