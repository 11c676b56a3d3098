import { setTimeout as wait } from 'node:timers/promises';
import { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import * as v from 'valibot';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { createDeliveriesTable } from '../../lib/deliveries/deliveries-table.ts';
import type { RowEnd } from '../../lib/deliveries/deliveries.ts';
import { toDeliveryKey, toWebhook } from '../../lib/deliveries/row.ts';
import { toEraseCommand } from '../../lib/deliveries/row-writes.ts';
import { createDeliveryFinder } from '../../lib/operator/find-deliveries.ts';
import { createRelease, ReleaseRequestSchema } from '../../lib/operator/release.ts';
import { aRecord, aVoucher } from '../support/a-record.ts';
import { type Aws, LOCAL_CLIENT, startAws } from '../support/aws.ts';
import { indexKeys } from '../support/delivery-index.ts';

const NOW = new Date('2026-03-05T10:00:00.000Z');
const FAILURE = { reason: 'http_status', cause: null, status: 503 } as const;
const COMMON = { attempts: 1, firstAt: NOW, lastFailure: FAILURE };
const DELIVERED: RowEnd = { state: 'delivered', attempts: 1, firstAt: NOW };
const ENDS: { readonly [id: string]: RowEnd | null } = {
  whs_delivered: DELIVERED,
  whs_expired: DELIVERED,
  whs_held: null,
  whs_waiting: {
    state: 'waiting',
    ...COMMON,
    nextAt: '2026-03-05T10:20:00.000Z',
    unfinishedTries: 0,
  },
  whs_dead: { state: 'dead', ...COMMON, reason: 'rejected' },
};
const IDS = [...Object.keys(ENDS), 'whs_erased', 'whs_unknown'];
const EXPIRES_AT = '2026-03-05T09:59:59.999Z';

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
  tableName = `release-${tables}`;
  await aws.createTable(tableName);
  calls = [];
  client = new DynamoDBClient({ ...LOCAL_CLIENT, endpoint: aws.dynamoEndpoint });
  client.middlewareStack.add((next, { commandName = '' }) => (args) => {
    calls.push(commandName.replace('Command', ''));
    return next(args);
  });
  for (const [id, end] of Object.entries(ENDS)) await store(id, end);
  const key = { id: 'whs_erased', destination: 'crm' };
  const webhook = { event: 'voucherify.x', webhookAt: NOW.toISOString() };
  await aws.dynamo.send(
    toEraseCommand({ tableName, historyDays: 90, now: () => NOW }, key, webhook),
  );
});

const open = (using = client) => createRelease({ client: using, tableName, now: () => NOW });

/** Takes the row of a delivery to crm, and ends it in this way; null leaves it held. */
async function store(id: string, end: RowEnd | null, requestedAt = NOW): Promise<string> {
  const voucher = id === 'whs_expired' ? aVoucher({ expiresAt: EXPIRES_AT }) : aVoucher();
  const record = aRecord({ id, data: { voucher } });
  const table = createDeliveriesTable({
    client: aws.dynamo,
    tableName,
    historyDays: 90,
    now: () => NOW,
    random: () => 0.5,
    wait,
  });
  const taken = await table.take(
    toDeliveryKey(record, 'crm'),
    { token: `request-${calls.length}#${id}`, remainingMs: () => 60_000 },
    { requestedAt: requestedAt.toISOString() },
    toWebhook(record),
  );
  if (taken.kind === 'taken' && end !== null) await table.finish(taken.row, end);
  return taken.kind;
}

const statusesOf = (results: readonly { readonly record: string; readonly status: string }[]) =>
  Object.fromEntries(results.map(({ record, status }) => [record, status]));
const NOT_RELEASED = {
  whs_expired: 'expired',
  whs_held: 'not_delivered',
  whs_waiting: 'not_delivered',
  whs_dead: 'dead',
  whs_erased: 'erased',
  whs_unknown: 'not_found',
};

describe('a release', () => {
  it('says what it would do, with one call, and does nothing', async () => {
    const before = await aws.scan(tableName);
    const results = await open().preview(IDS, 'crm');
    expect(statusesOf(results)).toEqual({ whs_delivered: 'would_release', ...NOT_RELEASED });
    expect(results[0]).toEqual({
      record: 'whs_delivered',
      status: 'would_release',
      event: 'voucherify.manual_distribution_schedule',
      deliveredAt: NOW.toISOString(),
      codeExpiresAt: '2026-04-30T22:00:00.000Z',
    });
    expect(calls).toEqual(['BatchGetItem']);
    expect(await aws.scan(tableName)).toEqual(before);
  });

  it('releases what was delivered, and nothing else', async () => {
    expect(statusesOf(await open().release(IDS, 'crm'))).toEqual({
      whs_delivered: 'released',
      ...NOT_RELEASED,
    });
    expect(calls).toEqual(['BatchGetItem', 'UpdateItem']);
    const released = (await aws.scan(tableName)).filter(({ releasedAt }) => releasedAt);
    expect(released.map(({ id }) => id?.S)).toEqual(['whs_delivered']);
    const kinds = await Promise.all(
      ['whs_delivered', 'whs_expired', 'whs_erased'].map((id) => store(id, DELIVERED)),
    );
    expect(kinds).toEqual(['taken', 'duplicate', 'erased']);
    expect(await store('whs_delivered', DELIVERED)).toBe('duplicate');
  });

  it('can be repeated, and lets pass once all the same', async () => {
    await open().release(['whs_delivered'], 'crm');
    expect(statusesOf(await open().release(['whs_delivered', 'whs_delivered'], 'crm'))).toEqual({
      whs_delivered: 'released',
    });
    expect(await store('whs_delivered', DELIVERED)).toBe('taken');
    expect(await store('whs_delivered', DELIVERED)).toBe('duplicate');
  });

  it('is of one destination only', async () => {
    expect(statusesOf(await open().release(['whs_delivered'], 'sms'))).toEqual({
      whs_delivered: 'not_found',
    });
    expect(await store('whs_delivered', DELIVERED)).toBe('duplicate');
  });

  it('reports what was erased between its read and its write', async () => {
    client.middlewareStack.add((next, { commandName = '' }) => async (args) => {
      if (commandName === 'UpdateItemCommand') {
        const key = { id: 'whs_delivered', destination: 'crm' };
        const webhook = { event: 'voucherify.x', webhookAt: NOW.toISOString() };
        await aws.dynamo.send(
          toEraseCommand({ tableName, historyDays: 90, now: () => NOW }, key, webhook),
        );
      }
      return next(args);
    });
    expect(statusesOf(await open().release(['whs_delivered'], 'crm'))).toEqual({
      whs_delivered: 'erased',
    });
  });

  it('is in the history, also after the delivery', async () => {
    const find = createDeliveryFinder({ client: aws.dynamo, tableName, keys: indexKeys() });
    const readTimes = async () => {
      const [found] = (await find.byRecord('whs_delivered')).deliveries;
      return [found?.releasedAt, found?.lastReleasedAt];
    };
    expect(await readTimes()).toEqual([null, null]);
    await open().release(['whs_delivered'], 'crm');
    expect(await readTimes()).toEqual([NOW.toISOString(), NOW.toISOString()]);
    await store('whs_delivered', DELIVERED);
    expect(await readTimes()).toEqual([null, NOW.toISOString()]);
  });

  it('rejects when the table cannot be read', async () => {
    const unreachable = new DynamoDBClient({
      ...LOCAL_CLIENT,
      endpoint: 'http://127.0.0.1:9',
      maxAttempts: 1,
    });
    await expect(open(unreachable).release(['whs_delivered'], 'crm')).rejects.toThrow(/./);
  });
});

describe('the request of a release', () => {
  const request = { command: 'release', records: ['whs_1'], destination: 'crm' };
  const isValid = (changes: object) => v.is(ReleaseRequestSchema, { ...request, ...changes });

  it('is no dry run unless it says so', () => {
    expect(v.parse(ReleaseRequestSchema, request).dryRun).toBe(false);
    expect(isValid({ dryRun: true })).toBe(true);
  });

  it.each([
    ['no records', { records: [] }],
    ['an empty record', { records: [''] }],
    ['more than a hundred records', { records: Array.from({ length: 101 }, (_, n) => `whs_${n}`) }],
    ['no destination', { destination: '' }],
    ['a key that does not exist', { dryrun: true }],
  ])('is not valid with %s', (_case, changes) => {
    expect(isValid(changes)).toBe(false);
  });
});
