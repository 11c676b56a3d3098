import { setTimeout as wait } from 'node:timers/promises';
import { DynamoDBClient, UpdateItemCommand } from '@aws-sdk/client-dynamodb';
import fc from 'fast-check';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import type {
  HeldRow,
  Holder,
  RequestTimes,
  RowBefore,
  RowEnd,
} from '../../lib/deliveries/deliveries.ts';
import { createDeliveriesTable } from '../../lib/deliveries/deliveries-table.ts';
import {
  MAX_ENTRIES,
  type RowKey,
  toBusinessKey,
  SHARDS,
  toDeliveryKey,
  toShard,
  toWebhook,
} from '../../lib/deliveries/row.ts';
import { aRecord, RECEIVED_AT } from '../support/a-record.ts';
import { type Aws, LOCAL_CLIENT, startAws } from '../support/aws.ts';

const START_MS = Date.parse('2026-03-05T10:00:00.000Z');
const START = new Date(START_MS);
const REMAINING_MS = 30_000;
const HOUR_MS = 3_600_000;
const DAY_MS = 24 * HOUR_MS;
/** The key of a delivery that is no test. */
const toKey = (id: string, destination: string, receivedAt = RECEIVED_AT) =>
  toDeliveryKey({ id, data: { receivedAt, test: false } }, destination);
const KEY = toKey('whs_1', 'crm');
const BUSINESS_KEY = toBusinessKey('pub_n3', 'crm');
const at = (afterMs: number) => new Date(START_MS + afterMs).toISOString();
/** The times of a message that was routed a second before the test starts. */
const ROUTED: RequestTimes = { requestedAt: at(-1_000) };
const HASH = `sha_${'5e'.repeat(32)}`;

const HTTP_503 = { reason: 'http_status', cause: null, status: 503 } as const;
const DELIVERED: RowEnd = { state: 'delivered', attempts: 1, firstAt: START };
const WAITING: RowEnd = {
  state: 'waiting',
  attempts: 1,
  firstAt: START,
  lastFailure: HTTP_503,
  nextAt: '2026-03-05T10:00:05.000Z',
  unfinishedTries: 0,
};
const DEAD: RowEnd = {
  state: 'dead',
  attempts: 11,
  firstAt: START,
  lastFailure: HTTP_503,
  reason: 'attempts_exhausted',
};
const NOT_DELIVERED = [WAITING, DEAD];

let aws: Aws;
let tableName: string;
let tables = 0;
beforeAll(async () => {
  aws = await startAws();
});
afterAll(() => aws.stop());
beforeEach(async () => {
  tables += 1;
  tableName = `deliveries-${tables}`;
  await aws.createTable(tableName);
});

/** The table, so many milliseconds after the start of the test. */
function openTable(
  afterMs = 0,
  { client = aws.dynamo, sleep = async (_ms: number): Promise<unknown> => undefined } = {},
) {
  return createDeliveriesTable({
    client,
    tableName,
    historyDays: 90,
    now: () => new Date(START_MS + afterMs),
    random: () => 0.5,
    wait: sleep,
  });
}

let holders = 0;
/** A holder like no other. */
function aHolder(remainingMs: () => number = () => REMAINING_MS): Holder {
  holders += 1;
  return { token: `request-${holders}#0`, remainingMs };
}

/** Takes a row that is free. */
async function takeFree(
  key: RowKey = KEY,
  holder = aHolder(),
  table = openTable(),
  times = ROUTED,
) {
  const taken = await table.take(key, holder, times);
  if (taken.kind !== 'taken') throw new Error(`The row is not free: ${taken.kind}`);
  return taken.row;
}

/** Takes a row at once when it was routed, so many milliseconds after the start, and finishes it. */
async function takeAndFinish(end: RowEnd, key: RowKey = KEY, afterMs = 0): Promise<void> {
  const table = openTable(afterMs);
  const times = { requestedAt: at(afterMs) };
  expect(await table.finish(await takeFree(key, aHolder(), table, times), end)).toEqual({
    kind: 'finished',
  });
}

async function takeKind(
  key: RowKey = KEY,
  afterMs = 0,
  changes: Partial<RequestTimes> = {},
): Promise<string> {
  return (await openTable(afterMs).take(key, aHolder(), { ...ROUTED, ...changes })).kind;
}

/** What a row that is free says, so many milliseconds after the start. */
async function readBefore(afterMs: number): Promise<RowBefore> {
  const taken = await openTable(afterMs).take(KEY, aHolder(), ROUTED);
  if (taken.kind !== 'taken') throw new Error(`The row is not free: ${taken.kind}`);
  return taken.before;
}

async function readRows() {
  return aws.scan(tableName);
}

/** A client whose calls of the table go through `around`, within the SDK's own repetition. */
function createClient(
  around: (call: () => Promise<unknown>, input: object) => Promise<unknown>,
  maxAttempts = 2,
): DynamoDBClient {
  const client = new DynamoDBClient({
    ...LOCAL_CLIENT,
    endpoint: aws.dynamoEndpoint,
    maxAttempts,
  });
  client.middlewareStack.add(
    (next) => async (args) =>
      (await around(() => next(args), args.input)) as Awaited<ReturnType<typeof next>>,
    { step: 'deserialize', priority: 'low' },
  );
  return client;
}

const throttled = () =>
  Object.assign(new Error('throttled'), {
    name: 'ProvisionedThroughputExceededException',
    $retryable: {},
  });

describe('a row', () => {
  it('that is delivered makes the next delivery a duplicate', async () => {
    await takeAndFinish(DELIVERED);
    expect(await takeKind()).toBe('duplicate');
  });

  it('that is waiting can be taken when it is due, and not before', async () => {
    await takeAndFinish(WAITING);
    expect(await openTable(4_999).take(KEY, aHolder(), ROUTED)).toEqual({
      kind: 'not_due',
      until: new Date(START_MS + 5_000),
    });
    expect(await takeKind(KEY, 5_000)).toBe('taken');
  });

  it.each([
    ['a copy of a message that it ended', {}, 'given_up'],
    ['a message that was routed when it ended', { requestedAt: at(0) }, 'given_up'],
    ['a message that was routed later, as by a replay', { requestedAt: at(1) }, 'taken'],
  ])('that is dead and gets %s: %o, %s', async (_what, times, expected) => {
    await takeAndFinish(DEAD);
    expect(await takeKind(KEY, 2, times)).toBe(expected);
  });

  it('that is delivered is not delivered again by a message that was routed later, as by a repetition', async () => {
    await takeAndFinish(DELIVERED);
    expect(await takeKind(KEY, 2, { requestedAt: at(1) })).toBe('duplicate');
  });

  it.each([
    ['waiting', WAITING],
    ['dead', DEAD],
  ])('of a business key that is %s is free for another record at once', async (_what, end) => {
    await takeAndFinish(end, BUSINESS_KEY);
    expect(await takeKind(BUSINESS_KEY)).toBe('taken');
  });

  it('is taken by only one of many at the same moment', async () => {
    const kinds = await Promise.all(Array.from({ length: 10 }, () => takeKind()));
    expect(kinds.toSorted()).toEqual([...Array.from({ length: 9 }, () => 'in_progress'), 'taken']);
  });

  it('is held until the end of the invocation, and no longer', async () => {
    await takeFree();
    expect(await openTable(REMAINING_MS - 1).take(KEY, aHolder(), ROUTED)).toEqual({
      kind: 'in_progress',
      until: new Date(START_MS + REMAINING_MS),
    });
    expect(await takeKind(KEY, REMAINING_MS)).toBe('taken');
  });

  it('recognises the holder that has it, whose first response was lost', async () => {
    const holder = aHolder();
    await takeFree(KEY, holder);
    expect((await openTable().take(KEY, holder, ROUTED)).kind).toBe('taken');
    expect(await takeKind()).toBe('in_progress');
  });

  it('differs by record and by destination', async () => {
    for (const [id, destination] of [
      ['whs_1', 'crm'],
      ['whs_2', 'crm'],
      ['whs_1', 'sms'],
    ] as const) {
      expect(await takeKind(toKey(id, destination))).toBe('taken');
    }
  });

  it.each([
    ['of a delivery', KEY],
    ['of a hash', toKey(HASH, 'crm')],
    ['of a business key', BUSINESS_KEY],
  ])('%s keeps a delivery for 15 days by the clock, and is deleted later', async (_, key) => {
    await takeAndFinish(DELIVERED, key);
    const [row] = await readRows();
    expect(Number(row?.['expiresAtSeconds']?.N)).toBe((START_MS + 90 * DAY_MS) / 1_000);
    expect(await takeKind(key, 15 * DAY_MS)).toBe('duplicate');
    await takeAndFinish(DELIVERED, key, 15 * DAY_MS + 1);
    expect(await takeKind(key, 15 * DAY_MS + 2)).toBe('duplicate');
  });
});

describe('a row that is taken says', () => {
  it('nothing of a delivery that is new', async () => {
    expect(await readBefore(0)).toEqual({
      attempts: 0,
      firstAt: null,
      unfinishedTries: 0,
      lastFailure: null,
      isReleased: false,
    });
  });

  it.each([HTTP_503, { reason: 'no_response', cause: 'ECONNREFUSED', status: null }] as const)(
    'which attempts were used up, and what failed last: %o',
    async (lastFailure) => {
      await takeAndFinish({ ...WAITING, attempts: 3, lastFailure });
      expect(await readBefore(5_000)).toEqual({
        attempts: 3,
        firstAt: START,
        unfinishedTries: 0,
        lastFailure,
        isReleased: false,
      });
    },
  );

  it('how many tries the invocation ended before they were finished', async () => {
    await takeAndFinish({ ...WAITING, attempts: 2 });
    const counts: number[] = [];
    for (let n = 0; n < 4; n += 1) {
      const { unfinishedTries, attempts } = await readBefore(5_000 + n * (REMAINING_MS + 1));
      counts.push(unfinishedTries);
      expect(attempts).toBe(2);
    }
    expect(counts).toEqual([0, 1, 2, 3]);
  });

  it('as many tries as before when it was given back without an attempt', async () => {
    await takeAndFinish({ ...WAITING, unfinishedTries: 2 });
    expect(await readBefore(5_000)).toMatchObject({ unfinishedTries: 2 });
  });

  it('no try of its own holder, whose first response was lost', async () => {
    const holder = aHolder();
    await takeFree(KEY, holder);
    expect(await openTable().take(KEY, holder, ROUTED)).toMatchObject({
      before: { unfinishedTries: 0 },
    });
  });

  it('that its delivery begins anew when it had ended', async () => {
    await takeAndFinish({ ...DEAD, attempts: 11 });
    const table = openTable(1_000);
    const taken = await table.take(KEY, aHolder(), { requestedAt: at(1_000) });
    expect(taken).toMatchObject({ before: { attempts: 0, firstAt: null, unfinishedTries: 0 } });
  });

  it('a failure that only a later release knows by another name', async () => {
    await takeAndFinish(WAITING);
    await aws.dynamo.send(
      new UpdateItemCommand({
        TableName: tableName,
        Key: { id: { S: KEY.id }, destination: { S: KEY.destination } },
        UpdateExpression: 'SET lastFailure = :failure',
        ExpressionAttributeValues: { ':failure': { M: { reason: { S: 'moon_phase' } } } },
      }),
    );
    expect(await readBefore(5_000)).toMatchObject({
      lastFailure: { reason: 'unknown', cause: null, status: null },
    });
  });
});

describe('the index of what is waiting or dead', () => {
  const readShards = async () => (await readRows()).map(({ stateShard }) => stateShard?.S);

  it.each([
    ['is waiting', WAITING, toShard(KEY, 'waiting')],
    ['is dead', DEAD, toShard(KEY, 'dead')],
    ['was delivered', DELIVERED, undefined],
  ])(
    'has a delivery that %s in its place, and no longer when it is taken',
    async (_, end, shard) => {
      await takeAndFinish(end);
      expect(await readShards()).toEqual([shard]);
      // a delivery of 15 days ago is made again
      const table = openTable(15 * DAY_MS + 1);
      await takeFree(KEY, aHolder(), table, { requestedAt: at(5_000) });
      expect(await readShards()).toEqual([undefined]);
    },
  );

  it('does not have a delivery that is made after a wait', async () => {
    await takeAndFinish(WAITING);
    await takeAndFinish(DELIVERED, KEY, 5_000);
    expect(await readShards()).toEqual([undefined]);
  });

  it('does not have a delivery that was made by a holder whose time was over, while another waits', async () => {
    const late = await takeFree();
    await takeAndFinish(WAITING, KEY, REMAINING_MS);
    await openTable(REMAINING_MS + 1_000).finish(late, DELIVERED);
    expect(await readRows()).toMatchObject([{ state: { S: 'delivered' } }]);
    expect(await readShards()).toEqual([undefined]);
  });

  it('does not have a business key, which is no delivery', async () => {
    await takeAndFinish(DEAD, BUSINESS_KEY);
    await takeAndFinish(WAITING, toBusinessKey('pub_n4', 'crm'));
    expect(await readShards()).toEqual([undefined, undefined]);
  });

  it('has a delivery whose take was lost on its way back', async () => {
    const client = createClient(async (call, input) => {
      const result = await call();
      if (JSON.stringify(input).includes(':inProgress')) throw new TypeError('lost');
      return result;
    }, 1);
    const taken = await openTable(0, { client }).take(KEY, aHolder(), ROUTED);
    expect(taken.kind).toBe('deliveries_unavailable');
    expect(await readRows()).toMatchObject([
      { state: { S: 'waiting' }, stateShard: { S: toShard(KEY, 'waiting') }, lastAt: { S: at(0) } },
    ]);
  });

  it('spreads the deliveries of a destination over all its parts', () => {
    const ids = Array.from({ length: 2_000 }, (_, n) => `whs_${n}`);
    const counts = new Map<string, number>();
    for (const id of ids) {
      const shard = toShard({ id, destination: 'crm' }, 'waiting');
      counts.set(shard, (counts.get(shard) ?? 0) + 1);
    }
    expect(counts.size).toBe(SHARDS);
    expect(Math.max(...counts.values())).toBeLessThan(200);
  });
});

describe('a delivery that is given up and that nobody holds', () => {
  const WEBHOOK = { event: 'voucherify.x', receivedAt: RECEIVED_AT, codeExpiresAt: null };
  const giveUp = (afterMs = 0, client = aws.dynamo) =>
    openTable(afterMs, { client }).giveUp(
      KEY,
      { reason: 'queue_unavailable', lastFailure: HTTP_503 },
      WEBHOOK,
    );

  it('is dead in its row, which is new', async () => {
    expect(await giveUp()).toEqual({ kind: 'finished' });
    const [row] = await readRows();
    expect(row).toMatchObject({
      state: { S: 'dead' },
      reason: { S: 'queue_unavailable' },
      attempts: { N: '0' },
      firstAt: { S: at(0) },
      lastAt: { S: at(0) },
      event: { S: 'voucherify.x' },
      webhookAt: { S: RECEIVED_AT },
      stateShard: { S: toShard(KEY, 'dead') },
    });
    expect(Number(row?.['expiresAtSeconds']?.N)).toBe((START_MS + 90 * DAY_MS) / 1_000);
  });

  it('is dead after it waited, with the attempts that were made', async () => {
    await takeAndFinish(WAITING);
    await giveUp(1_000);
    const [row] = await readRows();
    expect(row).toMatchObject({
      state: { S: 'dead' },
      attempts: { N: '1' },
      firstAt: { S: at(0) },
    });
    expect(row).not.toHaveProperty('nextAt');
  });

  it('stays delivered, or held by another', async () => {
    await takeAndFinish(DELIVERED);
    expect(await giveUp(1_000)).toEqual({ kind: 'finished' });
    expect(await readRows()).toMatchObject([{ state: { S: 'delivered' } }]);
    await takeFree(toKey('whs_2', 'crm'));
    await openTable().giveUp(
      toKey('whs_2', 'crm'),
      { reason: 'too_old', lastFailure: HTTP_503 },
      WEBHOOK,
    );
    expect(await readRows()).toContainEqual(
      expect.objectContaining({ id: { S: 'whs_2' }, state: { S: 'in_progress' } }),
    );
  });

  it('is attempted again when its dead letter is replayed', async () => {
    await giveUp();
    expect(await takeKind(KEY, 2_000, { requestedAt: at(1_000) })).toBe('taken');
  });

  it('says so when it cannot be written', async () => {
    const client = createClient(() => Promise.reject(new TypeError('no')), 1);
    expect(await giveUp(0, client)).toEqual({ kind: 'not_written', cause: 'TypeError' });
  });
});

describe('the attributes of a row', () => {
  const finishAndRead = async (end: RowEnd) => {
    const held = await takeFree();
    await openTable(1_000).finish(held, end);
    const [row] = await readRows();
    return row;
  };
  const common = {
    id: { S: 'whs_1' },
    destination: { S: 'crm' },
    firstAt: { S: '2026-03-05T10:00:00.000Z' },
    lastAt: { S: '2026-03-05T10:00:01.000Z' },
    expiresAtSeconds: { N: String((START_MS + 1_000 + 90 * DAY_MS) / 1_000) },
  };
  const lastFailure = { M: { reason: { S: 'http_status' }, status: { N: '503' } } };

  it.each([
    [
      DELIVERED,
      {
        state: { S: 'delivered' },
        attempts: { N: '1' },
        deliveredAt: { S: '2026-03-05T10:00:01.000Z' },
      },
    ],
    [
      WAITING,
      {
        state: { S: 'waiting' },
        attempts: { N: '1' },
        lastFailure,
        stateShard: { S: 'crm#waiting#15' },
        nextAt: { S: '2026-03-05T10:00:05.000Z' },
        tries: { N: '0' },
      },
    ],
    [
      DEAD,
      {
        state: { S: 'dead' },
        attempts: { N: '11' },
        lastFailure,
        stateShard: { S: 'crm#dead#15' },
        reason: { S: 'attempts_exhausted' },
      },
    ],
  ])('say what became of the delivery, and nothing of its content: %#', async (end, attributes) => {
    expect(await finishAndRead(end)).toEqual({ ...common, ...attributes });
  });

  it('say who holds it while it is in progress', async () => {
    await takeFree(KEY, { token: 'request-7#3', remainingMs: () => REMAINING_MS });
    expect(await readRows()).toMatchObject([
      {
        state: { S: 'in_progress' },
        token: { S: 'request-7#3' },
        heldUntil: { S: '2026-03-05T10:00:30.000Z' },
      },
    ]);
  });

  it('say which webhook it was, until the end and shortened where a row would grow', async () => {
    const holder = aHolder();
    const webhook = toWebhook(aRecord({ type: `voucherify.${'x'.repeat(500)}` }));
    const taken = await openTable().take(KEY, holder, ROUTED, webhook);
    expect(taken.kind).toBe('taken');
    await openTable().finish({ key: KEY, holder }, DELIVERED);
    const [row] = await readRows();
    expect(row?.['event']?.S).toBe(`voucherify.${'x'.repeat(117)}`);
    expect(row?.['webhookAt']?.S).toBe(RECEIVED_AT);
  });

  it('say nothing of an earlier end', async () => {
    await takeAndFinish(DEAD);
    await takeAndFinish(WAITING, KEY, 1_000);
    await takeAndFinish(DELIVERED, KEY, 5_000);
    const [row] = await readRows();
    const names = Object.keys(row ?? {}).toSorted();
    expect(names).toEqual([...Object.keys(common), 'attempts', 'deliveredAt', 'state'].toSorted());
  });

  it('do not name a business key, which may be personal', async () => {
    await takeAndFinish(DELIVERED, toBusinessKey('ida.quay@example.test', 'crm'));
    expect(JSON.stringify(await readRows())).not.toContain('ida');
  });
});

describe('the key of a row', () => {
  it('fits the table whatever the id is, and differs for ids that differ', async () => {
    const long = ['漢'.repeat(512), '漢'.repeat(513), `${'漢'.repeat(513)}x`, 'x'.repeat(100_000)];
    const keys = long.map((id) => toKey(id, 'd'.repeat(64)));
    expect(new Set(keys.map(({ id }) => id)).size).toBe(long.length);
    for (const key of keys) {
      expect(Buffer.byteLength(key.id)).toBeLessThanOrEqual(2_048);
      expect(await takeKind(key)).toBe('taken');
    }
  });

  it('of a delivery is never that of a business key', () => {
    const business = toBusinessKey('pub_1', 'crm');
    expect(toKey(business.id, 'crm').id).not.toBe(business.id);
    expect(toBusinessKey('pub_2', 'crm').id).not.toBe(business.id);
  });
});

describe('the row of a content hash', () => {
  const DAY = 24;
  const keyAt = (hours: number, destination = 'crm') =>
    toKey(HASH, destination, at(hours * HOUR_MS));
  /** All of them are delivered on the ninth day, in a replay. */
  const NINTH_MS = 8 * DAY_MS;
  const deliver = async (
    key: RowKey,
    afterMs = NINTH_MS,
    end: RowEnd = DELIVERED,
  ): Promise<string> => {
    const table = openTable(afterMs);
    const taken = await table.take(key, aHolder(), { ...ROUTED, requestedAt: at(afterMs) });
    if (taken.kind !== 'taken') return taken.kind;
    await table.finish(taken.row, end);
    return end.state;
  };
  const deliverAll = async (receivedAfterHours: readonly number[]): Promise<string[]> => {
    const kinds: string[] = [];
    for (const hours of receivedAfterHours) kinds.push(await deliver(keyAt(hours)));
    return kinds;
  };

  it.each([
    ['three of different days', [0, 3 * DAY, 7 * DAY]],
    ['the same, the last first', [7 * DAY, 0, 3 * DAY]],
  ])('delivers %s, although all are delivered together', async (_, hours) => {
    expect(await deliverAll(hours)).toEqual(['delivered', 'delivered', 'delivered']);
  });

  it.each([
    ['at once', 0],
    ['in its last retry', 24],
    ['late in that', 26],
  ])('knows a repetition by the sender %s, whatever was delivered in between', async (_, later) => {
    expect(await deliverAll([0, 3 * DAY, later, 3 * DAY + later, 7 * DAY])).toEqual([
      'delivered',
      'delivered',
      'duplicate',
      'duplicate',
      'delivered',
    ]);
  });

  it('delivers each unless one within 26 hours was delivered, in any order, whatever fails', async () => {
    let round = 0;
    // each webhook once: what becomes of one that is routed again is tested below
    const attempts = fc.uniqueArray(
      fc.record({
        hours: fc.integer({ min: 0, max: 200 }),
        end: fc.constantFrom(DELIVERED, DELIVERED, WAITING, DEAD),
      }),
      { maxLength: 7, selector: ({ hours }) => hours },
    );
    await fc.assert(
      fc.asyncProperty(attempts, async (all) => {
        round += 1;
        const deliveredAt: number[] = [];
        for (const { hours, end } of all) {
          const isRepetition = deliveredAt.some((other) => Math.abs(other - hours) <= 26);
          const kind = await deliver(keyAt(hours, `crm-${round}`), NINTH_MS, end);
          expect(kind).toBe(isRepetition ? 'duplicate' : end.state);
          if (kind === 'delivered') deliveredAt.push(hours);
        }
      }),
      { numRuns: 15 },
    );
  });

  it('is no reason to leave out a webhook of another day when one was given up', async () => {
    // both were routed before the first one was given up
    const table = openTable(NINTH_MS);
    await table.finish(await takeFree(keyAt(0), aHolder(), table), DEAD);
    expect(await takeKind(keyAt(3 * DAY), NINTH_MS + 1)).toBe('taken');
  });

  it('is given up for this very webhook when its record is routed again, and can be replayed', async () => {
    await deliver(keyAt(7 * DAY, 'sms'));
    for (const destination of ['crm', 'sms']) {
      const key = keyAt(0, destination);
      const table = openTable(NINTH_MS);
      await table.finish(await takeFree(key, aHolder(), table), DEAD);
      expect(await takeKind(key, NINTH_MS + 1)).toBe('given_up');
      expect(await deliver(key, NINTH_MS + 1)).toBe('delivered');
    }
  });

  it('still knows the others when the function crashes during one', async () => {
    await deliverAll([0]);
    await takeFree(keyAt(3 * DAY), aHolder(), openTable(NINTH_MS));
    expect(await deliverAll([1, 3 * DAY])).toEqual(['duplicate', 'in_progress']);
    const laterMs = NINTH_MS + REMAINING_MS + 1;
    expect(await deliver(keyAt(2), laterMs)).toBe('duplicate');
    expect(await deliver(keyAt(3 * DAY), laterMs)).toBe('delivered');
  });

  it('recognises the holder that has it, also after others were delivered', async () => {
    await deliverAll([0]);
    const holder = aHolder();
    const table = openTable(NINTH_MS);
    await takeFree(keyAt(3 * DAY), holder, table);
    expect((await table.take(keyAt(3 * DAY), holder, ROUTED)).kind).toBe('taken');
  });

  it('keeps a limited number of entries, however often a body is sent', async () => {
    const days = 2 * MAX_ENTRIES + 10;
    for (let day = 0; day < days; day += 2) {
      expect(await deliver(keyAt(day * DAY), day * DAY_MS)).toBe('delivered');
    }
    const [row] = await readRows();
    // those that were kept, and the last one
    expect(row?.['receivedAtMs']?.NS).toHaveLength(MAX_ENTRIES + 1);
    expect(await deliver(keyAt(2 * MAX_ENTRIES * DAY), days * DAY_MS)).toBe('duplicate');
  });
});

describe('a call whose response was lost', () => {
  /** Every call is made twice, as the SDK does after a timeout. */
  const twice = () =>
    createClient(async (call) => {
      await call();
      return call();
    });

  it.each([DELIVERED, ...NOT_DELIVERED])('changes nothing: $state', async (end) => {
    const table = openTable(0, { client: twice() });
    const row = await takeFree(KEY, aHolder(), table);
    expect(await table.finish(row, end)).toEqual({ kind: 'finished' });
    expect(await readRows()).toMatchObject([{ state: { S: end.state } }]);
  });

  it.each(NOT_DELIVERED)('ends no hold of another when it is made late: $state', async (end) => {
    const first = await takeFree();
    await openTable().finish(first, WAITING);
    await takeFree(KEY, aHolder(), openTable(5_000));
    expect(await openTable(5_000).finish(first, end)).toEqual({ kind: 'finished' });
    expect(await takeKind(KEY, 5_000)).toBe('in_progress');
  });

  it.each(NOT_DELIVERED)('hides no delivery when it is made late: $state', async (end) => {
    const first = await takeFree();
    await openTable().finish(first, WAITING);
    await takeAndFinish(DELIVERED, KEY, 5_000);
    await openTable(5_000).finish(first, end);
    expect(await takeKind()).toBe('duplicate');
  });

  it('of a delivery counts, whoever holds the row by then', async () => {
    const first = await takeFree();
    const second = await takeFree(KEY, aHolder(), openTable(REMAINING_MS + 1));
    await openTable(REMAINING_MS + 2).finish(first, DELIVERED);
    await openTable(REMAINING_MS + 3).finish(second, WAITING);
    expect(await takeKind(KEY, DAY_MS)).toBe('duplicate');
  });
});

describe('when the table fails', () => {
  /** A client whose first n calls succeed and whose other calls fail. */
  const failingFrom = (n: number) => {
    let calls = 0;
    return createClient(async (call) => {
      calls += 1;
      if (calls <= n) return call();
      throw throttled();
    }, 1);
  };

  /** A client whose first call is carried out and its response lost; the others go through `later`. */
  const losingTheFirst = (later: (call: () => Promise<unknown>) => Promise<unknown>) => {
    let calls = 0;
    return createClient(async (call) => {
      calls += 1;
      if (calls > 1) return later(call);
      await call();
      throw throttled();
    }, 1);
  };
  const UNAVAILABLE = {
    kind: 'deliveries_unavailable',
    cause: 'ProvisionedThroughputExceededException',
  };

  it('no row is taken, and one that was taken unnoticed is free at once, with no try counted', async () => {
    await takeAndFinish({ ...WAITING, attempts: 3 });
    const client = losingTheFirst(async (call) => call());
    expect(await openTable(5_000, { client }).take(KEY, aHolder(), ROUTED)).toEqual(UNAVAILABLE);
    expect(await readBefore(5_000)).toEqual({
      attempts: 3,
      firstAt: START,
      unfinishedTries: 0,
      lastFailure: HTTP_503,
      isReleased: false,
    });
  });

  it('a row that was taken unnoticed is over with the invocation when it cannot be freed', async () => {
    const client = losingTheFirst(async () => {
      throw throttled();
    });
    expect(await openTable(0, { client }).take(KEY, aHolder(), ROUTED)).toEqual(UNAVAILABLE);
    expect(await takeKind(KEY, REMAINING_MS - 1)).toBe('in_progress');
    expect(await takeKind(KEY, REMAINING_MS)).toBe('taken');
  });

  it('no row of another holder is freed', async () => {
    await takeFree();
    expect(await openTable(0, { client: failingFrom(1) }).take(KEY, aHolder(), ROUTED)).toEqual(
      UNAVAILABLE,
    );
    const client = losingTheFirst(async (call) => call());
    expect(await openTable(0, { client }).take(KEY, aHolder(), ROUTED)).toEqual(UNAVAILABLE);
    expect(await takeKind()).toBe('in_progress');
  });

  it('no row is taken whose holder cannot be read', async () => {
    await takeAndFinish(DELIVERED);
    expect(
      await openTable(0, { client: failingFrom(1) }).take(KEY, aHolder(), ROUTED),
    ).toMatchObject({
      kind: 'deliveries_unavailable',
    });
  });

  it.each([DELIVERED, ...NOT_DELIVERED])(
    'the finishing write is repeated until it is stored: $state',
    async (end) => {
      const row = await takeFree();
      let failures = 0;
      const client = createClient(async (call) => {
        failures += 1;
        if (failures <= 12) throw throttled();
        return call();
      }, 1);
      const waits: number[] = [];
      const table = openTable(0, { client, sleep: async (ms) => void waits.push(ms) });
      expect(await table.finish(row, end)).toEqual({ kind: 'finished' });
      expect(await readRows()).toMatchObject([{ state: { S: end.state } }]);
      expect(waits).toHaveLength(12);
      expect(waits.slice(0, 3)).toEqual([37.5, 75, 150]);
      expect(Math.max(...waits)).toBe(750);
    },
  );

  it('the finishing write is given up when half a second of the invocation is left', async () => {
    let remainingMs = 5_000;
    const row = await takeFree(
      KEY,
      aHolder(() => remainingMs),
    );
    const table = openTable(0, {
      client: failingFrom(0),
      sleep: async (ms) => void (remainingMs -= ms),
    });
    expect(await table.finish(row, DELIVERED)).toEqual({
      kind: 'not_written',
      cause: 'ProvisionedThroughputExceededException',
    });
    expect(remainingMs).toBeGreaterThanOrEqual(500);
    expect(remainingMs).toBeLessThan(500 + 750);
  });

  it('in any pattern of failures and lost responses, a row that is finished says so', async () => {
    let round = 0;
    await fc.assert(
      fc.asyncProperty(
        fc.array(fc.constantFrom('works', 'fails', 'is lost', 'comes twice'), { maxLength: 8 }),
        fc.constantFrom(DELIVERED, ...NOT_DELIVERED),
        async (pattern, end) => {
          round += 1;
          const faults = [...pattern];
          const client = createClient(async (call) => {
            const fault = faults.shift() ?? 'works';
            if (fault === 'fails') throw throttled();
            const response = fault === 'comes twice' ? await call().then(call) : await call();
            if (fault === 'is lost') throw throttled();
            return response;
          }, 1);
          const table = openTable(0, { client });
          const key = toKey(`whs_${round}`, 'crm');
          const holder = aHolder();
          let row: HeldRow | undefined;
          while (row === undefined) {
            const taken = await table.take(key, holder, ROUTED);
            // its own hold never stops the holder
            expect(['taken', 'deliveries_unavailable']).toContain(taken.kind);
            if (taken.kind === 'taken') ({ row } = taken);
          }
          expect(await table.finish(row, end)).toEqual({ kind: 'finished' });
          const kinds = { delivered: 'duplicate', waiting: 'not_due', dead: 'given_up' };
          expect(await takeKind(key)).toBe(kinds[end.state]);
        },
      ),
      { numRuns: 25 },
    );
  });

  it('waits for real', async () => {
    const row = await takeFree();
    let isFirst = true;
    const client = createClient(async (call) => {
      if (!isFirst) return call();
      isFirst = false;
      throw throttled();
    }, 1);
    const startedMs = performance.now();
    await openTable(0, { client, sleep: wait }).finish(row, DELIVERED);
    expect(performance.now() - startedMs).toBeGreaterThanOrEqual(36);
  });
});

describe('a row that something else wrote', () => {
  it('in a state of a later release is left alone', async () => {
    await aws.dynamo.send(
      new UpdateItemCommand({
        TableName: tableName,
        Key: { id: { S: KEY.id }, destination: { S: KEY.destination } },
        UpdateExpression: 'SET #state = :state',
        ExpressionAttributeNames: { '#state': 'state' },
        ExpressionAttributeValues: { ':state': { S: 'frozen' } },
      }),
    );
    // and is not looked at so often that SQS would move its message away within the hour
    expect(await openTable().take(KEY, aHolder(), ROUTED)).toEqual({
      kind: 'in_progress',
      until: new Date(START_MS + 60_000),
    });
  });
});
