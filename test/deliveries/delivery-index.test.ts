import { createHash } from 'node:crypto';
import { BatchWriteItemCommand, DynamoDBClient } from '@aws-sdk/client-dynamodb';
import fc from 'fast-check';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { normaliseCustomer, parseIndexKeys } from '../../lib/deliveries/index-keys.ts';
import {
  type IndexRow,
  parseIndexRow,
  toCodeIndexId,
  toCustomerIndexId,
  toIndexRows,
} from '../../lib/deliveries/index-rows.ts';
import type { RelayRecord } from '../../lib/record/record.ts';
import { aRecord, aVoucher, RECEIVED_AT } from '../support/a-record.ts';
import { type Aws, LOCAL_CLIENT, startAws } from '../support/aws.ts';
import { INDEX_KEY, indexKeys, openIndex } from '../support/delivery-index.ts';

const [KEY] = parseIndexKeys(INDEX_KEY);
const NOW = new Date('2026-03-05T10:00:00.000Z');
const CUSTOMER = aRecord().data.customer;
const aCustomer = (changes: object) =>
  aRecord({ data: { customer: CUSTOMER && { ...CUSTOMER, ...changes } } });
const rowsOf = (record: RelayRecord, destinations = ['crm', 'sms']) =>
  toIndexRows({ record, destinations }, KEY, NOW, 90);
const idsOf = (record: RelayRecord) => rowsOf(record).map(({ id }) => id?.S ?? '');
/** Names and values count (Amazon DynamoDB Developer Guide, "DynamoDB item sizes and formats"). */
const countBytes = (row: IndexRow) =>
  Object.entries(row).reduce(
    (sum, [name, value]) => sum + name.length + Buffer.byteLength(value.S ?? value.N ?? ''),
    0,
  );
const byCustomer = (...values: string[]) => values.map((value) => toCustomerIndexId(KEY, value));
const byCode = (...codes: string[]) => codes.map((code) => toCodeIndexId(KEY, code));

describe('a record is found by', () => {
  it.each([
    [
      'the e-mail and the source id of its customer, and its code',
      aRecord(),
      [...byCustomer('ida.quay@example.test', 'crm-5512'), ...byCode('HARBOUR-K7Q2')],
    ],
    [
      'one row, where the source id is the e-mail',
      aCustomer({ sourceId: 'Ida.Quay@example.test' }),
      [...byCustomer('ida.quay@example.test'), ...byCode('HARBOUR-K7Q2')],
    ],
    [
      'the id and the phone of a customer of whom nothing else is known',
      aCustomer({ email: null, sourceId: ' ' }),
      [...byCustomer('cust_u9', '+4400000000'), ...byCode('HARBOUR-K7Q2')],
    ],
    [
      'each of its codes, once',
      aRecord({
        data: {
          customer: null,
          publication: null,
          otherVouchers: [aVoucher({ code: 'QUAY-2' }), aVoucher(), aVoucher({ code: null })],
        },
      }),
      byCode('HARBOUR-K7Q2', 'QUAY-2'),
    ],
    [
      'nothing, without a customer or a code',
      aRecord({ data: { customer: null, publication: null, voucher: null } }),
      [],
    ],
  ])('%s', (_case, record, ids) => {
    expect(idsOf(record)).toEqual(ids);
  });

  it('ten codes at most', () => {
    const otherVouchers = Array.from({ length: 30 }, (_, n) => aVoucher({ code: `C-${n}` }));
    const record = aRecord({ data: { customer: null, publication: null, otherVouchers } });
    expect(idsOf(record)).toHaveLength(10);
  });
});

describe('what names a customer is found', () => {
  it.each([
    [' Ida.Quay@Example.test\n', 'ida.quay@example.test'],
    ['+44 (0)0000-000.0', '+44000000000'],
    ['CRM-55 12', 'CRM-55 12'],
    ['00 44 1', '00 44 1'],
  ])('as typed: %j', (typed, normal) => {
    expect(normaliseCustomer(typed)).toBe(normal);
  });

  it('by the same text only: case counts in an id and in a code', () => {
    expect(byCustomer('crm-5512')).not.toEqual(byCustomer('CRM-5512'));
    expect(byCode('harbour-k7q2')).not.toEqual(byCode('HARBOUR-K7Q2'));
  });
});

describe('an index row', () => {
  it('says which deliveries there are, until when, and which key hides the value', () => {
    const [row] = rowsOf(aRecord());
    expect(row).toMatchObject({
      destination: { S: `${RECEIVED_AT}#whs_hb7Kd93mQ` },
      keyId: { S: KEY.id },
      expiresAtSeconds: { N: String(NOW.getTime() / 1_000 + 90 * 86_400) },
    });
    expect(parseIndexRow(row ?? {})).toEqual({
      rowId: 'whs_hb7Kd93mQ',
      event: 'voucherify.manual_distribution_schedule',
      webhookAt: RECEIVED_AT,
      destinations: ['crm', 'sms'],
      sortKey: `${RECEIVED_AT}#whs_hb7Kd93mQ`,
      siblings: idsOf(aRecord()),
      publication: null,
    });
  });

  it.each([
    [{ createdAt: '2026-03-05T09:15:02.410Z' }, '2026-03-05T09:15:02.410Z'],
    [{}, null],
  ])('by a code says which publication it reported, and what sent it: %j', (changes, at) => {
    const { publication } = aRecord().data;
    const record = aRecord({
      data: { publication: publication && { ...publication, ...changes } },
    });
    expect(rowsOf(record).map((row) => parseIndexRow(row).publication)).toEqual([
      null,
      null,
      { id: 'pub_n3', at, sender: 'distr_w4' },
    ]);
  });

  it.each([null, ' ', 'pub_n 3', `pub_${'p'.repeat(41)}`, 'ida.quay@example.test'])(
    'names what sent it, and no publication by anything but an id of Voucherify: %j',
    (id) => {
      const { publication } = aRecord().data;
      const changed = publication && { ...publication, id, createdAt: 'Ida Quay' };
      const rows = rowsOf(aRecord({ data: { publication: changed } }));
      const expected = { id: null, at: null, sender: 'distr_w4' };
      expect(parseIndexRow(rows[2] ?? {}).publication).toEqual(expected);
    },
  );

  it.each(['/voucherify', '/voucherify/proj_q1/ida.quay@example.test', '/voucherify/proj_q1/'])(
    'names no sender but a distribution or a webhook: %s',
    (source) => {
      const rows = rowsOf(aRecord({ source, data: { publication: null } }));
      expect(rows.map((row) => parseIndexRow(row).publication)).toEqual([null, null, null]);
    },
  );

  it('names all rows of its record', () => {
    const otherVouchers = Array.from({ length: 30 }, (_, n) => aVoucher({ code: `C-${n}` }));
    const rows = rowsOf(aRecord({ data: { otherVouchers } }));
    expect(rows).toHaveLength(12);
    const ids = rows.map(({ id }) => id?.S);
    for (const row of rows) expect(parseIndexRow(row).siblings).toEqual(ids);
  });

  it('is one write unit with seven codes, the id of a hash and ten destinations', () => {
    const otherVouchers = Array.from({ length: 6 }, (_, n) => aVoucher({ code: `C-${n}` }));
    const id = `sha_${'5e'.repeat(32)}`;
    const type = 'voucherify.customer.rewarded.loyalty_points.long';
    const destinations = Array.from({ length: 10 }, (_, n) => `receiver-${n}`);
    const base = aRecord().data.publication;
    const publication = base && {
      ...base,
      id: `pub_${'q'.repeat(32)}`,
      createdAt: '2026-03-05T09:15:02.410Z',
    };
    const source = `/voucherify/proj_q1/distr_${'w'.repeat(28)}`;
    for (const row of rowsOf(
      aRecord({ id, type, source, data: { otherVouchers, publication } }),
      destinations,
    )) {
      expect(countBytes(row)).toBeLessThan(1_024);
    }
  });

  it('says that a record goes nowhere', () => {
    expect(parseIndexRow(rowsOf(aRecord(), [])[0] ?? {}).destinations).toEqual([]);
  });

  it('has neither the value, nor a hash that can be made without the key', () => {
    const text = JSON.stringify(rowsOf(aRecord()));
    for (const value of ['ida.quay@example.test', 'crm-5512', 'HARBOUR-K7Q2', 'Ida Quay']) {
      const hash = createHash('sha256').update(value);
      expect(text).not.toContain(value);
      expect(text).not.toContain(hash.copy().digest('hex'));
      expect(text).not.toContain(hash.digest('base64url'));
    }
    expect(text).not.toContain(INDEX_KEY);
  });

  it('is one write and a key that DynamoDB takes, whatever the ids are', () => {
    const text = fc.string({ unit: 'binary', minLength: 1, maxLength: 3_000 });
    fc.assert(
      fc.property(text, text, text, (id, type, receivedAt) => {
        const record = aRecord({ id, type, data: { receivedAt } });
        for (const row of rowsOf(record)) {
          expect(Buffer.byteLength(row['destination']?.S ?? '')).toBeLessThan(1_024);
          expect(Buffer.byteLength(row['id']?.S ?? '')).toBeLessThan(1_024);
          expect(parseIndexRow(row).webhookAt).toMatch(/^[-+\d]+T.*Z$/);
        }
      }),
    );
  });
});

describe('the secret of the index', () => {
  const other = 'another-invented-key-of-these-tests';
  it.each([
    ['one key', INDEX_KEY, 1],
    ['the newest key first, and the one before', `${other}\r\n${INDEX_KEY}\n\n`, 2],
  ])('has %s', (_case, text, count) => {
    const keys = parseIndexKeys(text);
    expect(keys).toHaveLength(count);
    expect(keys.at(-1)?.id).toBe(KEY.id);
  });

  it.each([
    ['is empty', ' \n', 'is empty'],
    ['has a short line', `${INDEX_KEY}\nshort`, 'Line 2'],
    ['has a line with a blank', `two ${INDEX_KEY}`, 'Line 1'],
    ['has three lines', `${INDEX_KEY}\n${other}\n${other}3`, 'more than 2'],
  ])('is refused when it %s, and not quoted', (_case, text, message) => {
    expect(() => parseIndexKeys(text)).toThrow(message);
    expect(() => parseIndexKeys(text)).not.toThrow(other);
  });
});

describe('the index of a batch', () => {
  let aws: Aws;
  let tableName: string;
  let tables = 0;
  beforeAll(async () => {
    aws = await startAws();
  });
  afterAll(() => aws.stop());
  beforeEach(async () => {
    tables += 1;
    tableName = `index-${tables}`;
    await aws.createTable(tableName);
  });
  const batch = Array.from({ length: 10 }, (_, n) => ({
    record: aRecord({ id: `whs_${n}` }),
    destinations: ['crm'],
  }));

  /** A client whose calls go through this function. */
  const through = (respond: (call: () => Promise<unknown>, n: number) => Promise<unknown>) => {
    const client = new DynamoDBClient({ ...LOCAL_CLIENT, endpoint: aws.dynamoEndpoint });
    let calls = 0;
    client.middlewareStack.add(
      (next) => async (args) =>
        (await respond(() => next(args), calls++)) as Awaited<ReturnType<typeof next>>,
    );
    return { client, count: () => calls };
  };

  it('is written with one call for each 25 rows', async () => {
    const { client, count } = through((call) => call());
    expect(await openIndex(client, tableName).write(batch)).toEqual({ kind: 'stored' });
    expect(await aws.scan(tableName)).toHaveLength(30);
    expect(count()).toBe(2);
    const one = through((call) => call());
    await openIndex(one.client, tableName).write(batch.slice(0, 8));
    expect(one.count()).toBe(1);
  });

  it('is the same when it is written again, and with a record that is twice in the batch', async () => {
    const index = openIndex(aws.dynamo, tableName, { now: () => NOW });
    await index.write(batch);
    const before = await aws.scan(tableName);
    expect(await index.write([...batch, ...batch])).toEqual({ kind: 'stored' });
    expect(await aws.scan(tableName)).toEqual(before);
  });

  it('writes again what a throttled table leaves over', async () => {
    const { client, count } = through(async (call, n) => {
      if (n > 0) return call();
      const left = rowsOf(aRecord()).map((Item) => ({ PutRequest: { Item: { ...Item } } }));
      return { output: { $metadata: {}, UnprocessedItems: { [tableName]: left } }, response: {} };
    });
    const index = openIndex(client, tableName);
    expect(await index.write([{ record: aRecord(), destinations: ['crm'] }])).toEqual({
      kind: 'stored',
    });
    expect(count()).toBe(2);
    expect(await aws.scan(tableName)).toHaveLength(3);
  });

  it.each([
    ['the table denies access', () => Promise.reject(new TypeError('QUAY-1')), 'TypeError'],
    ['the table never responds', () => new Promise<never>(() => {}), 'TimeoutError'],
  ])('ends soon, and says why, when %s', async (_case, respond, cause) => {
    const startedAt = Date.now();
    const result = await openIndex(through(respond).client, tableName).write(batch);
    expect(result).toEqual({ kind: 'not_stored', cause });
    expect(Date.now() - startedAt).toBeLessThan(2_500);
  });

  it('ends soon, and says why, when its key cannot be read', async () => {
    const index = openIndex(aws.dynamo, tableName, { keys: indexKeys('short') });
    expect(await index.write(batch)).toEqual({ kind: 'not_stored', cause: 'SecretError' });
    expect(await aws.scan(tableName)).toEqual([]);
  });

  it('is written with the newest key', async () => {
    const newest = 'a-newer-invented-key-of-these-tests';
    const keys = indexKeys(`${newest}\n${INDEX_KEY}`);
    await openIndex(aws.dynamo, tableName, { keys }).write(batch.slice(0, 1));
    const [key] = parseIndexKeys(newest);
    expect(new Set((await aws.scan(tableName)).map(({ keyId }) => keyId?.S))).toEqual(
      new Set([key.id]),
    );
  });

  it('is one that the emulator refuses with two rows of one key', async () => {
    const [Item] = rowsOf(aRecord());
    const twice = [Item, Item].map((row) => ({ PutRequest: { Item: { ...row } } }));
    await expect(
      aws.dynamo.send(new BatchWriteItemCommand({ RequestItems: { [tableName]: twice } })),
    ).rejects.toThrow('duplicates');
  });
});
