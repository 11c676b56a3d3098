import { setTimeout as wait } from 'node:timers/promises';
import { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import fc from 'fast-check';
import * as v from 'valibot';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { createDeliveriesTable } from '../../lib/deliveries/deliveries-table.ts';
import type { RowEnd } from '../../lib/deliveries/deliveries.ts';
import { toDeliveryKey, toWebhook } from '../../lib/deliveries/row.ts';
import {
  createErase,
  type EraseReport,
  type EraseRequest,
  EraseRequestSchema,
} from '../../lib/operator/erase.ts';
import { createDeliveryFinder } from '../../lib/operator/find-deliveries.ts';
import type { RelayRecord } from '../../lib/record/record.ts';
import { aRecord, aVoucher } from '../support/a-record.ts';
import { type Aws, LOCAL_CLIENT, startAws } from '../support/aws.ts';
import { INDEX_KEY, indexKeys, openIndex } from '../support/delivery-index.ts';
import { createIndexAddition } from '../../lib/deliveries/delivery-index.ts';

const NOW = new Date('2026-03-05T10:00:00.000Z');
const FAILURE = { reason: 'http_status', cause: null, status: 503 } as const;
const COMMON = { attempts: 1, firstAt: NOW, lastFailure: FAILURE };
const ENDS = {
  delivered: { state: 'delivered', attempts: 1, firstAt: NOW },
  waiting: { state: 'waiting', ...COMMON, nextAt: NOW.toISOString(), unfinishedTries: 0 },
  dead: { state: 'dead', ...COMMON, reason: 'rejected' },
} as const satisfies { readonly [state: string]: RowEnd };
const NONE = {
  in_progress: 0,
  waiting: 0,
  delivered: 0,
  dead: 0,
  erased: 0,
  queued: 0,
  unknown: 0,
};
const CUSTOMER = aRecord().data.customer;
/** A webhook of a customer, of Ida by default. */
const aWebhook = (
  id: string,
  { minute = 15, code = `CODE-${id}`, customer = {} } = {},
): RelayRecord =>
  aRecord({
    id,
    data: {
      receivedAt: `2026-03-05T09:${String(minute % 60).padStart(2, '0')}:00.000Z`,
      voucher: aVoucher({ code }),
      customer: CUSTOMER && { ...CUSTOMER, ...customer },
    },
  });
const OTHER = { email: 'noa.pier@example.test', sourceId: 'crm-7700', id: 'cust_n1' };

let aws: Aws;
let tableName: string;
let tables = 0;
beforeAll(async () => {
  aws = await startAws();
});
afterAll(() => aws.stop());
const createTable = async (): Promise<void> => {
  tables += 1;
  tableName = `erase-${tables}`;
  await aws.createTable(tableName);
};
beforeEach(createTable);

const aRequest = (changes: Partial<EraseRequest>): EraseRequest => ({
  command: 'erase',
  customers: [],
  codes: [],
  destinations: [],
  dryRun: false,
  keepIndex: false,
  continuation: null,
  ...changes,
});
const openErase = ({ client = aws.dynamo, secret = INDEX_KEY, now = () => NOW } = {}) =>
  createErase({ client, tableName, keys: indexKeys(secret), now, historyDays: 90 });
const openTable = () =>
  createDeliveriesTable({
    client: aws.dynamo,
    tableName,
    historyDays: 90,
    now: () => NOW,
    random: () => 0.5,
    wait,
  });
const take = (record: RelayRecord, destination: string) =>
  openTable().take(
    toDeliveryKey(record, destination),
    { token: `request#${record.id}#${destination}`, remainingMs: () => 60_000 },
    { requestedAt: new Date(NOW.getTime() + 1_000).toISOString() },
    toWebhook(record),
  );

/** Routes a record and ends its deliveries; null leaves one on its queue, `held` leaves it held. */
async function store(
  record: RelayRecord,
  ends: { readonly [destination: string]: keyof typeof ENDS | 'held' | null },
  secret = INDEX_KEY,
): Promise<void> {
  await openIndex(aws.dynamo, tableName, { keys: indexKeys(secret) }).write([
    { record, destinations: Object.keys(ends) },
  ]);
  for (const [destination, end] of Object.entries(ends)) {
    if (end === null) continue;
    const taken = await take(record, destination);
    if (taken.kind !== 'taken') throw new Error(`The row is not free: ${taken.kind}`);
    if (end !== 'held') await openTable().finish(taken.row, ENDS[end]);
  }
}

const readIndexRows = async () =>
  (await aws.scan(tableName)).filter(({ rowId }) => rowId !== undefined);
const readStates = async () =>
  Object.fromEntries(
    (await aws.scan(tableName))
      .filter(({ state }) => state !== undefined)
      .map(({ id, destination, state }) => [`${id?.S} ${destination?.S}`, state?.S]),
  );

describe('a person who is erased', () => {
  const MIXED = {
    crm: 'delivered',
    mail: 'waiting',
    sms: 'dead',
    wallet: 'held',
    consumers: null,
  } as const;

  it.each([
    ['the e-mail', { customers: [' Ida.Quay@example.test'] }],
    ['the source id', { customers: ['crm-5512'] }],
    ['a code', { codes: ['CODE-whs_1'] }],
    ['all of them', { customers: ['ida.quay@example.test', 'crm-5512'], codes: ['CODE-whs_1'] }],
  ])('by %s has no index row any more, and all deliveries are erased', async (_case, values) => {
    await store(aWebhook('whs_1'), MIXED);
    await store(aWebhook('whs_other', { customer: OTHER }), { crm: 'waiting' });
    const report = await openErase()(aRequest(values));
    expect(report).toEqual({
      rowIds: ['whs_1'],
      indexRows: 3,
      deliveries: { ...NONE, delivered: 1, waiting: 1, dead: 1, in_progress: 1, queued: 1 },
      withoutSiblings: 0,
      continuation: null,
    });
    expect((await readIndexRows()).map(({ rowId }) => rowId?.S)).toEqual(
      Array.from({ length: 3 }, () => 'whs_other'),
    );
    expect(await readStates()).toEqual({
      ...Object.fromEntries(Object.keys(MIXED).map((name) => [`whs_1 ${name}`, 'erased'])),
      'whs_other crm': 'waiting',
    });
    // a message that waits is dropped, also that of the delivery that was never attempted
    for (const destination of Object.keys(MIXED)) {
      expect(await take(aWebhook('whs_1'), destination)).toEqual({ kind: 'erased' });
    }
    const find = createDeliveryFinder({ client: aws.dynamo, tableName, keys: indexKeys() });
    expect((await find.byCustomer('ida.quay@example.test')).deliveries).toEqual([]);
    expect((await find.byCode('CODE-whs_1')).deliveries).toEqual([]);
    const { deliveries } = await find.byRecord('whs_1');
    expect(new Set(deliveries.map(({ state }) => state))).toEqual(new Set(['erased']));
    for (const state of ['waiting', 'dead'] as const) {
      expect((await find.byDestination('sms', state)).deliveries).toEqual([]);
    }
  });

  it('is only counted in a dry run', async () => {
    await store(aWebhook('whs_1'), MIXED);
    await store(aWebhook('whs_2', { code: 'CODE-whs_1' }), { crm: 'delivered' });
    const before = await aws.scan(tableName);
    const values = { customers: ['crm-5512', 'ida.quay@example.test'], codes: ['CODE-whs_1'] };
    const planned = await openErase()(aRequest({ ...values, dryRun: true }));
    expect(await aws.scan(tableName)).toEqual(before);
    expect(planned.indexRows).toBe(6);
    expect(await openErase()(aRequest(values))).toEqual(planned);
  });

  it('is found again until the index rows are deleted, so that the dead letters can be, too', async () => {
    await store(aWebhook('whs_1'), MIXED);
    const values = { customers: ['crm-5512', 'ida.quay@example.test'] };
    const first = await openErase()(aRequest({ ...values, keepIndex: true }));
    expect(first).toMatchObject({ rowIds: ['whs_1'], indexRows: 3, deliveries: { waiting: 1 } });
    expect(new Set(Object.values(await readStates()))).toEqual(new Set(['erased']));
    const again = await openErase()(aRequest({ ...values, keepIndex: true }));
    expect(again).toMatchObject({ rowIds: ['whs_1'], deliveries: { ...NONE, erased: 5 } });
    expect(await readIndexRows()).toHaveLength(3);
    expect(await openErase()(aRequest(values))).toEqual(again);
    expect(await readIndexRows()).toEqual([]);
  });

  it('drops a webhook that comes again at every destination of the stage, and counts only what was routed', async () => {
    await store(aWebhook('whs_1'), { crm: 'delivered' });
    const request = aRequest({ customers: ['crm-5512'], destinations: ['crm', 'added-later'] });
    expect((await openErase()(request)).deliveries).toEqual({ ...NONE, delivered: 1 });
    const times = { requestedAt: '2026-03-09T00:00:00.000Z' };
    const holder = { token: 'again', remainingMs: () => 60_000 };
    for (const destination of ['crm', 'added-later']) {
      const key = toDeliveryKey(aWebhook('whs_1'), destination);
      expect(await openTable().take(key, holder, times)).toEqual({ kind: 'erased' });
    }
  });

  it('finds what was replayed to another destination', async () => {
    const webhook = aWebhook('whs_1');
    await store(webhook, { crm: 'dead' });
    const table = { client: aws.dynamo, tableName, keys: indexKeys(INDEX_KEY) };
    const addDestination = createIndexAddition({ ...table, now: () => NOW, historyDays: 90 });
    await addDestination(webhook, 'braze');
    await addDestination(aWebhook('whs_never_indexed', { code: 'CODE-X' }), 'braze');
    const finder = createDeliveryFinder(table);
    const { deliveries } = await finder.byCustomer('crm-5512');
    expect(
      deliveries.map(({ destination, state }) => `${destination} ${state}`).toSorted(),
    ).toEqual(['braze queued', 'crm dead']);
    expect((await finder.byCode('CODE-X')).deliveries).toEqual([]);
    expect((await openErase()(aRequest({ customers: ['crm-5512'] }))).deliveries).toEqual({
      ...NONE,
      dead: 1,
      queued: 1,
    });
  });

  it('has nothing more after a second run', async () => {
    await store(aWebhook('whs_1'), MIXED);
    const request = aRequest({ customers: ['crm-5512'] });
    await openErase()(request);
    expect(await openErase()(request)).toMatchObject({
      rowIds: [],
      indexRows: 0,
      deliveries: NONE,
    });
  });

  it('is erased with both keys while the index key is rotated', async () => {
    const newest = 'a-newer-invented-key-of-these-tests';
    const both = `${newest}\n${INDEX_KEY}`;
    await store(aWebhook('whs_1'), { crm: 'delivered' });
    await store(aWebhook('whs_2'), { crm: 'delivered' }, both);
    const report = await openErase({ secret: both })(aRequest({ customers: ['crm-5512'] }));
    expect(report.rowIds.toSorted()).toEqual(['whs_1', 'whs_2']);
    expect(await readIndexRows()).toEqual([]);
  });

  it('is erased at a destination to which a replay sent the record, too', async () => {
    await store(aWebhook('whs_1'), { crm: 'delivered' });
    const taken = await take(aWebhook('whs_1'), 'mail-2');
    if (taken.kind === 'taken') await openTable().finish(taken.row, ENDS.waiting);
    await openErase()(aRequest({ customers: ['crm-5512'] }));
    expect(await readStates()).toEqual({ 'whs_1 crm': 'erased', 'whs_1 mail-2': 'erased' });
  });

  it('is found, where no destination accepted the record', async () => {
    await store(aWebhook('whs_1'), {});
    const report = await openErase()(aRequest({ customers: ['crm-5512'] }));
    expect(report).toMatchObject({ rowIds: ['whs_1'], deliveries: NONE });
    expect(await readIndexRows()).toEqual([]);
  });

  it('is not mixed up with a code of the same text, nor with nothing', async () => {
    await store(aWebhook('whs_1'), { crm: 'delivered' });
    const before = await aws.scan(tableName);
    for (const values of [{ codes: ['crm-5512'] }, { customers: ['CODE-whs_1', ' '] }]) {
      expect((await openErase()(aRequest(values))).rowIds).toEqual([]);
    }
    expect(await aws.scan(tableName)).toEqual(before);
  });

  it('is nowhere in the report', async () => {
    await store(aWebhook('whs_1', { code: 'QUAY-1' }), MIXED);
    const values = { customers: ['ida.quay@example.test', 'crm-5512'], codes: ['QUAY-1'] };
    let nowMs = NOW.getTime();
    // a slice ends at once
    const now = () => new Date((nowMs += 60_000));
    const text = JSON.stringify(await openErase({ now })(aRequest({ ...values, dryRun: true })));
    expect(text).toContain('"partition"');
    for (const value of ['ida', 'quay', 'crm-5512', 'QUAY-1']) expect(text).not.toContain(value);
  });
});

describe('a person of many webhooks', () => {
  it.each([true, false])(
    'is erased in slices, each short; a dry run: %s',
    async (dryRun) => {
      for (let n = 0; n < 120; n += 1) {
        await store(aWebhook(`whs_${n}`, { minute: n }), { crm: 'delivered', sms: null });
      }
      let nowMs = NOW.getTime();
      const request = { customers: ['ida.quay@example.test', 'crm-5512'], codes: ['CODE-whs_7'] };
      const reports: EraseReport[] = [];
      let continuation: EraseRequest['continuation'] = null;
      do {
        // each call of the clock is seven seconds later: a page or two for each slice
        const now = () => new Date((nowMs += 7_000));
        const report: EraseReport = await openErase({ now })(
          aRequest({ ...request, dryRun, continuation }),
        );
        reports.push(report);
        continuation = report.continuation;
        // it goes through JSON between the function and its client
        v.parse(
          EraseRequestSchema,
          JSON.parse(JSON.stringify(aRequest({ ...request, continuation }))),
        );
      } while (continuation !== null && reports.length < 50);
      expect(reports.length).toBeGreaterThan(2);
      const rowIds = reports.flatMap((report) => report.rowIds);
      expect([rowIds.length, new Set(rowIds).size]).toEqual([120, 120]);
      const sum = (count: (report: EraseReport) => number) =>
        reports.reduce((total, report) => total + count(report), 0);
      expect(sum(({ indexRows }) => indexRows)).toBe(360);
      expect(sum(({ deliveries }) => deliveries.delivered)).toBe(120);
      expect(sum(({ deliveries }) => deliveries.queued)).toBe(120);
      expect(await readIndexRows()).toHaveLength(dryRun ? 360 : 0);
      const erased = Object.values(await readStates()).filter((state) => state === 'erased');
      expect(erased).toHaveLength(dryRun ? 0 : 240);
    },
    120_000,
  );

  it('is erased from the beginning when the key of the continuation was removed', async () => {
    await store(aWebhook('whs_1'), { crm: 'delivered' });
    const continuation = { partition: 'customer#gone', after: 'z' };
    await openErase()(aRequest({ customers: ['crm-5512'], continuation }));
    expect(await readStates()).toEqual({ 'whs_1 crm': 'erased' });
  });
});

describe('an erasure that is interrupted', () => {
  it('at any call is completed by the next one', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.array(fc.constantFrom('works', 'works', 'fails', 'response lost'), { maxLength: 25 }),
        async (fates) => {
          await createTable();
          for (const id of ['whs_1', 'whs_2', 'whs_3']) {
            await store(aWebhook(id), { crm: 'waiting', sms: null });
          }
          const left = [...fates];
          const client = new DynamoDBClient({
            ...LOCAL_CLIENT,
            endpoint: aws.dynamoEndpoint,
            maxAttempts: 1,
          });
          client.middlewareStack.add((next) => async (args) => {
            const fate = left.shift() ?? 'works';
            if (fate === 'fails') throw new TypeError('not carried out');
            const result = await next(args);
            if (fate === 'response lost') throw new TypeError('carried out');
            return result;
          });
          const erase = openErase({ client });
          /** Asks until there is a response. */
          const repeat = async (keepIndex: boolean): Promise<EraseReport> => {
            const request = aRequest({ customers: ['crm-5512'], keepIndex });
            const report = await erase(request).catch(() => null);
            return report ?? repeat(keepIndex);
          };
          const { rowIds } = await repeat(true);
          expect(rowIds.toSorted()).toEqual(['whs_1', 'whs_2', 'whs_3']);
          await repeat(false);
          expect(await readIndexRows()).toEqual([]);
          const states = Object.values(await readStates());
          expect(states).toEqual(Array.from({ length: 6 }, () => 'erased'));
        },
      ),
      { numRuns: 20 },
    );
  }, 120_000);

  it('leaves no index row of a record that is routed again meanwhile', async () => {
    const record = aWebhook('whs_1');
    await store(record, { crm: 'waiting' });
    const client = new DynamoDBClient({ ...LOCAL_CLIENT, endpoint: aws.dynamoEndpoint });
    let deletions = 0;
    client.middlewareStack.add((next, { commandName = '' }) => async (args) => {
      const result = await next(args);
      // the row that was found is deleted, and with it those of the other values
      if (commandName === 'BatchWriteItemCommand' && ++deletions === 2) {
        await openIndex(aws.dynamo, tableName).write([{ record, destinations: ['crm'] }]);
      }
      return result;
    });
    await openErase({ client })(aRequest({ customers: ['crm-5512', 'ida.quay@example.test'] }));
    expect(deletions).toBeGreaterThan(2);
    expect(await readIndexRows()).toEqual([]);
  });

  it('deletes again what a throttled table leaves over', async () => {
    await store(aWebhook('whs_1'), { crm: 'delivered' });
    const client = new DynamoDBClient({ ...LOCAL_CLIENT, endpoint: aws.dynamoEndpoint });
    let isFirst = true;
    client.middlewareStack.add((next, { commandName = '' }) => async (args) => {
      if (commandName !== 'BatchWriteItemCommand' || !isFirst) return next(args);
      isFirst = false;
      const { RequestItems } = args.input as { readonly RequestItems: object };
      const output = { $metadata: {}, UnprocessedItems: RequestItems };
      return { output, response: {} };
    });
    await openErase({ client })(aRequest({ customers: ['crm-5512'] }));
    expect(isFirst).toBe(false);
    expect(await readIndexRows()).toEqual([]);
  });
});

describe('the request of an erasure', () => {
  const request = { command: 'erase', customers: ['ida.quay@example.test'], codes: [] };
  it('is no dry run, and the first slice, unless it says so', () => {
    expect(v.parse(EraseRequestSchema, request)).toEqual(
      aRequest({ customers: ['ida.quay@example.test'] }),
    );
  });

  it.each([
    ['an empty value', { codes: [''] }],
    ['a key that does not exist', { emails: [] }],
    ['a value that is no list', { customers: 'ida.quay@example.test' }],
    ['a continuation of another kind', { continuation: { place: 3 } }],
  ])('is not valid with %s', (_case, changes) => {
    expect(v.is(EraseRequestSchema, { ...request, ...changes })).toBe(false);
  });
});
