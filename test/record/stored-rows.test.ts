import { readdirSync, readFileSync } from 'node:fs';
import { type AttributeValue, PutItemCommand } from '@aws-sdk/client-dynamodb';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { createDeliveriesTable } from '../../lib/deliveries/deliveries-table.ts';
import { parseIndexRow } from '../../lib/deliveries/index-rows.ts';
import { type Aws, startAws } from '../support/aws.ts';

/** The rows of the table as a release wrote them. The files stay, and none is ever changed. */
const STORED = new URL('stored/', import.meta.url);
type Item = { readonly [name: string]: AttributeValue };
const readRow = (name: string, release = '1.0.0'): Item =>
  JSON.parse(readFileSync(new URL(`${release}/rows/${name}.json`, STORED), 'utf8')) as Item;

const TIMES = { requestedAt: '2026-03-05T09:15:05.000Z' };
const RECEIVED_AT_MS = 1_772_702_103_620;
let aws: Aws;
let tableName = '';
let tables = 0;
beforeAll(async () => {
  aws = await startAws();
});
afterAll(() => aws.stop());
beforeEach(async () => {
  tables += 1;
  tableName = `rows-${tables}`;
  await aws.createTable(tableName);
});

/** Takes the row that a release left, at this time. */
async function take(row: Item, now: string, times = TIMES) {
  await aws.dynamo.send(new PutItemCommand({ TableName: tableName, Item: { ...row } }));
  const id = row['id']?.S ?? '';
  const table = createDeliveriesTable({
    client: aws.dynamo,
    tableName,
    historyDays: 90,
    now: () => new Date(now),
    random: () => 0.5,
    wait: async () => {},
  });
  return table.take(
    {
      id,
      destination: row['destination']?.S ?? '',
      isBusinessKey: id.startsWith('business#'),
      receivedAtMs: id.startsWith('sha_') ? RECEIVED_AT_MS : null,
    },
    { token: 'request#0', remainingMs: () => 60_000 },
    { ...TIMES, ...times },
  );
}

describe('a row that a release left is read by this one', () => {
  it('has a file for each state', () => {
    const files = readdirSync(new URL('1.0.0/rows/', STORED));
    expect(files.map((file) => readRow(file.replace('.json', ''))['state']?.S)).toEqual(
      expect.arrayContaining(['in_progress', 'waiting', 'delivered', 'dead', 'erased']),
    );
  });

  it.each<[string, string, object]>([
    [
      'in-progress',
      '2026-03-05T09:16:00.000Z',
      { kind: 'in_progress', until: new Date('2026-03-05T09:16:05.000Z') },
    ],
    [
      'in-progress',
      '2026-03-05T09:16:06.000Z',
      {
        kind: 'taken',
        before: { attempts: 0, firstAt: null, lastFailure: null, unfinishedTries: 1 },
      },
    ],
    [
      'waiting',
      '2026-03-05T09:20:00.000Z',
      { kind: 'not_due', until: new Date('2026-03-05T09:27:40.000Z') },
    ],
    [
      'waiting',
      '2026-03-05T09:27:40.000Z',
      {
        kind: 'taken',
        before: {
          attempts: 3,
          firstAt: new Date('2026-03-05T09:15:05.000Z'),
          lastFailure: { reason: 'http_status', cause: null, status: 503 },
          unfinishedTries: 0,
        },
      },
    ],
    ['delivered', '2026-03-10T09:00:00.000Z', { kind: 'duplicate' }],
    ['delivered', '2026-03-20T09:15:06.000Z', { kind: 'taken' }],
    ['delivered-by-hash', '2026-03-10T09:00:00.000Z', { kind: 'duplicate' }],
    ['dead', '2026-03-06T09:00:01.000Z', { kind: 'given_up' }],
    ['business-key', '2026-03-10T09:00:00.000Z', { kind: 'duplicate' }],
    [
      'waiting-in-index',
      '2026-03-05T09:27:40.000Z',
      { kind: 'taken', before: { attempts: 3, unfinishedTries: 0 } },
    ],
    ['dead-in-index', '2026-03-06T09:00:01.000Z', { kind: 'given_up' }],
    ['given-up-while-routing', '2026-03-06T09:00:01.000Z', { kind: 'given_up' }],
    ['delivered-with-webhook', '2026-03-10T09:00:00.000Z', { kind: 'duplicate' }],
    [
      'delivered-and-released',
      '2026-03-10T09:00:00.000Z',
      { kind: 'taken', before: { attempts: 0, firstAt: null, isReleased: true } },
    ],
    [
      'released-and-waiting',
      '2026-03-05T09:27:40.000Z',
      { kind: 'taken', before: { attempts: 3, isReleased: true } },
    ],
    ['delivered-again', '2026-03-10T09:00:00.000Z', { kind: 'duplicate' }],
    ['erased', '2026-03-25T09:00:00.000Z', { kind: 'erased' }],
    ['erased-before-an-attempt', '2026-03-25T09:00:00.000Z', { kind: 'erased' }],
  ])('%s, at %s', async (name, now, expected) => {
    expect(await take(readRow(name), now)).toMatchObject(expected);
  });

  it('dead, when its dead letter was replayed', async () => {
    const times = { ...TIMES, requestedAt: '2026-03-07T09:00:00.000Z' };
    expect(await take(readRow('dead'), '2026-03-07T09:00:01.000Z', times)).toMatchObject({
      kind: 'taken',
      before: { attempts: 0, firstAt: null, lastFailure: null, unfinishedTries: 0 },
    });
  });
});

it('an index row that a release left is read with the keys of all rows of its record', () => {
  const { siblings } = parseIndexRow(readRow('by-customer-with-siblings'));
  expect(siblings).toEqual(['by-customer', 'by-code'].map((name) => readRow(name)['id']?.S));
});

it.each(['by-customer', 'by-code'])('an index row that a release left is read: %s', (name) => {
  const row = readRow(name);
  expect(parseIndexRow(row)).toEqual({
    rowId: 'whs_pct7Kd93mQ',
    event: 'voucherify.manual_distribution_schedule',
    webhookAt: '2026-03-05T09:15:04.000Z',
    destinations: ['consumers', 'http'],
    sortKey: row['destination']?.S,
    siblings: [],
    publication: null,
  });
});

it('an index row by a code that a release left is read with its publication', () => {
  expect(parseIndexRow(readRow('by-code-with-publication')).publication).toEqual({
    id: 'pub_QpT7wEk3',
    at: '2026-03-05T09:15:02.410Z',
    sender: 'distr_w4',
  });
});
