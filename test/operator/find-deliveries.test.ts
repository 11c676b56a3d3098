import { setTimeout as wait } from 'node:timers/promises';
import { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { createDeliveriesTable } from '../../lib/deliveries/deliveries-table.ts';
import type { RowEnd } from '../../lib/deliveries/deliveries.ts';
import { toDeliveryKey, toWebhook } from '../../lib/deliveries/row.ts';
import { createDeliveryFinder } from '../../lib/operator/find-deliveries.ts';
import type { RelayRecord } from '../../lib/record/record.ts';
import { aRecord, aVoucher } from '../support/a-record.ts';
import { type Aws, LOCAL_CLIENT, startAws } from '../support/aws.ts';
import { INDEX_KEY, indexKeys, openIndex } from '../support/delivery-index.ts';

const NOW = new Date('2026-03-05T10:00:00.000Z');
const FAILURE = { reason: 'http_status', cause: null, status: 503 } as const;
const WAITING: RowEnd = {
  state: 'waiting',
  attempts: 3,
  firstAt: NOW,
  lastFailure: FAILURE,
  nextAt: '2026-03-05T10:20:00.000Z',
  unfinishedTries: 0,
};
const DELIVERED: RowEnd = { state: 'delivered', attempts: 1, firstAt: NOW };
const DEAD: RowEnd = {
  state: 'dead',
  attempts: 11,
  firstAt: NOW,
  lastFailure: FAILURE,
  reason: 'attempts_exhausted',
};
/** A webhook of the customer of the tests, received in that minute. */
const aWebhook = (id: string, minute = 15, code = 'HARBOUR-K7Q2'): RelayRecord =>
  aRecord({
    id,
    data: {
      receivedAt: `2026-03-05T09:${String(minute).padStart(2, '0')}:00.000Z`,
      voucher: aVoucher({ code }),
    },
  });

let aws: Aws;
let tableName: string;
let tables = 0;
let calls: string[];
let client: DynamoDBClient;
beforeAll(async () => {
  aws = await startAws();
});
afterAll(() => aws.stop());
beforeEach(async () => {
  tables += 1;
  tableName = `found-${tables}`;
  await aws.createTable(tableName);
  calls = [];
  client = new DynamoDBClient({ ...LOCAL_CLIENT, endpoint: aws.dynamoEndpoint });
  client.middlewareStack.add((next, { commandName = '' }) => (args) => {
    calls.push(commandName.replace('Command', ''));
    return next(args);
  });
});

const find = (secret = INDEX_KEY) =>
  createDeliveryFinder({ client, tableName, keys: indexKeys(secret) });

/** Routes a record, and ends its deliveries in this way; null leaves one on its queue. */
async function store(
  record: RelayRecord,
  ends: { readonly [destination: string]: RowEnd | null },
  secret = INDEX_KEY,
): Promise<void> {
  await openIndex(aws.dynamo, tableName, { keys: indexKeys(secret) }).write([
    { record, destinations: Object.keys(ends) },
  ]);
  const table = createDeliveriesTable({
    client: aws.dynamo,
    tableName,
    historyDays: 90,
    now: () => NOW,
    random: () => 0.5,
    wait,
  });
  for (const [destination, end] of Object.entries(ends)) {
    if (end === null) continue;
    const taken = await table.take(
      toDeliveryKey(record, destination),
      { token: 'request#0', remainingMs: () => 60_000 },
      { requestedAt: NOW.toISOString() },
      toWebhook(record),
    );
    if (taken.kind !== 'taken') throw new Error('The row is not free');
    await table.finish(taken.row, end);
  }
}

const ALL = { klaviyo: DELIVERED, twilio: WAITING, crm: null, sms: DEAD };
const EXPECTED = {
  klaviyo: { state: 'delivered', deliveredAt: NOW.toISOString(), attempts: 1, reason: null },
  twilio: {
    state: 'waiting',
    attempts: 3,
    reason: 'http_status',
    status: 503,
    nextAt: '2026-03-05T10:20:00.000Z',
  },
  crm: { state: 'queued', attempts: 0, reason: null },
  sms: { state: 'dead', attempts: 11, reason: 'attempts_exhausted', nextAt: null },
};
const WEBHOOK = {
  webhookId: 'whs_1',
  event: 'voucherify.manual_distribution_schedule',
  webhookAt: '2026-03-05T09:15:00.000Z',
};
const expectedOf = (destinations: readonly (keyof typeof EXPECTED)[]) =>
  destinations.map((destination) => ({ ...WEBHOOK, destination, ...EXPECTED[destination] }));

describe('the deliveries of a customer', () => {
  it.each([' Ida.Quay@example.test ', 'crm-5512'])(
    'are found by %j, with two calls and no scan',
    async (value) => {
      await store(aWebhook('whs_1'), ALL);
      const found = await find().byCustomer(value);
      expect(found.deliveries).toMatchObject(expectedOf(['klaviyo', 'twilio', 'crm', 'sms']));
      expect(found.hasMore).toBe(false);
      expect(calls).toEqual(['Query', 'BatchGetItem']);
    },
  );

  it('are not found by what is no value of the customer', async () => {
    await store(aWebhook('whs_1'), ALL);
    for (const value of ['', ' ', 'cust_u9', 'HARBOUR-K7Q2', 'ida@example.test']) {
      expect(await find().byCustomer(value), value).toEqual({
        deliveries: [],
        hasMore: false,
        before: null,
      });
    }
    expect(calls).not.toContain('BatchGetItem');
  });

  it('are the newest first, and in two calls however many there are', async () => {
    for (let minute = 0; minute < 60; minute += 1) {
      await store(aWebhook(`whs_${minute}`, minute), { a: null, b: null, c: null });
    }
    const first = await find().byCustomer('crm-5512');
    expect(calls).toEqual(['Query', 'BatchGetItem']);
    expect(first.hasMore).toBe(true);
    // a hundred rows are read at once, and a webhook is not divided
    const idsOf = (from: number, to: number) =>
      Array.from({ length: from - to + 1 }, (_, n) => `whs_${from - n}`);
    const listIds = ({ deliveries }: typeof first) => [
      ...new Set(deliveries.map(({ webhookId }) => webhookId)),
    ];
    expect(listIds(first)).toEqual(idsOf(59, 27));
    const second = await find().byCustomer('crm-5512', first.before ?? '');
    expect([second.hasMore, second.before]).toEqual([false, null]);
    expect(listIds(second)).toEqual(idsOf(26, 0));
  }, 60_000);

  it.each([
    ['with one key', INDEX_KEY],
    ['during the rotation of the key', `a-newer-invented-key-of-these-tests\n${INDEX_KEY}`],
  ])(
    'are all found, part by part, when many are of one millisecond: %s',
    async (_case, secret) => {
      for (let n = 0; n < 120; n += 1) {
        await store(aWebhook(`whs_${n}`), { crm: null }, n % 3 === 0 ? secret : INDEX_KEY);
      }
      const ids: string[] = [];
      let before: string | undefined;
      do {
        const found = await find(secret).byCustomer('crm-5512', before);
        ids.push(...found.deliveries.map(({ webhookId }) => webhookId));
        expect(found.before !== null).toBe(found.hasMore);
        before = found.before ?? undefined;
      } while (before !== undefined);
      expect(ids).toHaveLength(120);
      expect(new Set(ids).size).toBe(120);
    },
    60_000,
  );

  it('say when the code expires', async () => {
    await store(aWebhook('whs_1'), ALL);
    const [klaviyo] = (await find().byCustomer('crm-5512')).deliveries;
    expect(klaviyo).toMatchObject({
      codeExpiresAt: '2026-04-30T22:00:00.000Z',
      releasedAt: null,
      lastReleasedAt: null,
    });
  });

  it('are there once for a webhook that the sender repeated, with all its destinations', async () => {
    await store(aWebhook('whs_1', 15), { klaviyo: DELIVERED });
    await store(aWebhook('whs_1', 40), { crm: null });
    const { deliveries } = await find().byCustomer('crm-5512');
    expect(deliveries).toMatchObject([
      { destination: 'crm', state: 'queued', webhookAt: '2026-03-05T09:40:00.000Z' },
      { destination: 'klaviyo', state: 'delivered', webhookAt: '2026-03-05T09:15:00.000Z' },
    ]);
  });

  it('are none for a webhook that no destination accepted, which is found all the same', async () => {
    await store(aWebhook('whs_1'), {});
    expect((await find().byCustomer('crm-5512')).deliveries).toMatchObject([
      { ...WEBHOOK, destination: null, state: 'not_routed' },
    ]);
  });

  it('are found with both keys while the index key is rotated, with one query more', async () => {
    const newest = 'a-newer-invented-key-of-these-tests';
    await store(aWebhook('whs_1', 15), { crm: null });
    await store(aWebhook('whs_2', 20), { crm: null }, `${newest}\n${INDEX_KEY}`);
    const { deliveries } = await find(`${newest}\n${INDEX_KEY}`).byCustomer('crm-5512');
    expect(deliveries.map(({ webhookId }) => webhookId)).toEqual(['whs_2', 'whs_1']);
    expect(calls).toEqual(['Query', 'Query', 'BatchGetItem']);
    const afterwards = await find(newest).byCustomer('crm-5512');
    expect(afterwards.deliveries.map(({ webhookId }) => webhookId)).toEqual(['whs_2']);
  });
});

describe('the deliveries of a code', () => {
  it('are found with two calls, by the exact code', async () => {
    await store(aWebhook('whs_1'), ALL);
    await store(aWebhook('whs_2', 15, 'QUAY-2'), { klaviyo: DELIVERED });
    const { deliveries } = await find().byCode('HARBOUR-K7Q2');
    expect(deliveries).toMatchObject(expectedOf(['klaviyo', 'twilio', 'crm', 'sms']));
    expect(calls).toEqual(['Query', 'BatchGetItem']);
    expect((await find().byCode('harbour-k7q2')).deliveries).toEqual([]);
  });
});

describe('the deliveries of a webhook', () => {
  it('are found by its id with one query, once they were attempted', async () => {
    await store(aWebhook('whs_1'), ALL);
    const { deliveries } = await find().byRecord('whs_1');
    expect(deliveries).toMatchObject(expectedOf(['klaviyo', 'sms', 'twilio']));
    expect(calls).toEqual(['Query']);
  });

  it('are none for an id that is that of another kind of row', async () => {
    await store(aWebhook('whs_1'), ALL);
    const indexRow = (await aws.scan(tableName)).find(({ rowId }) => rowId !== undefined);
    expect((await find().byRecord(indexRow?.['id']?.S ?? '')).deliveries).toEqual([]);
  });
});

describe('the deliveries of a destination', () => {
  it('that wait, or are dead, are found in the 16 parts of the index', async () => {
    await store(aWebhook('whs_1'), ALL);
    await store(aWebhook('whs_2'), { twilio: DELIVERED, sms: DEAD });
    expect((await find().byDestination('twilio', 'waiting')).deliveries).toMatchObject(
      expectedOf(['twilio']),
    );
    expect(calls).toEqual(Array.from({ length: 16 }, () => 'Query'));
    const dead = await find().byDestination('sms', 'dead');
    expect(dead.deliveries.map(({ webhookId }) => webhookId).toSorted()).toEqual([
      'whs_1',
      'whs_2',
    ]);
    expect((await find().byDestination('twilio', 'dead')).deliveries).toEqual([]);
  });

  it('are as many as asked for, and there may be more', async () => {
    for (let n = 0; n < 6; n += 1) await store(aWebhook(`whs_${n}`), { crm: DEAD });
    const found = await find().byDestination('crm', 'dead', 5);
    expect([found.deliveries.length, found.hasMore]).toEqual([5, true]);
  });
});
