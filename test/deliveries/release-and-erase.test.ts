import { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import fc from 'fast-check';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { createDeliveriesTable } from '../../lib/deliveries/deliveries-table.ts';
import type { HeldRow, RowEnd, TakeResult } from '../../lib/deliveries/deliveries.ts';
import { type RowKey, toDeliveryKey, toWebhook } from '../../lib/deliveries/row.ts';
import {
  toEraseCommand,
  toReleaseCommand,
  writeIfAllowed,
} from '../../lib/deliveries/row-writes.ts';
import { aRecord, aVoucher, RECEIVED_AT } from '../support/a-record.ts';
import { type Aws, LOCAL_CLIENT, startAws } from '../support/aws.ts';

const START_MS = Date.parse('2026-03-05T10:00:00.000Z');
const REMAINING_MS = 30_000;
const DAY_MS = 86_400_000;
const at = (afterMs: number) => new Date(START_MS + afterMs);
const HASH = `sha_${'5e'.repeat(32)}`;
const toKey = (id: string, receivedAt = RECEIVED_AT) =>
  toDeliveryKey({ id, data: { receivedAt, test: false } }, 'crm');
const FAILURE = { reason: 'http_status', cause: null, status: 503 } as const;
const DELIVERED: RowEnd = { state: 'delivered', attempts: 3, firstAt: at(-DAY_MS) };
const toWaiting = (afterMs: number): RowEnd => ({
  state: 'waiting',
  attempts: 1,
  firstAt: at(afterMs),
  lastFailure: FAILURE,
  nextAt: at(afterMs + 5_000).toISOString(),
  unfinishedTries: 0,
});
const toDead = (afterMs: number): RowEnd => ({
  state: 'dead',
  attempts: 11,
  firstAt: at(afterMs),
  lastFailure: FAILURE,
  reason: 'attempts_exhausted',
});

let aws: Aws;
let tableName: string;
let tables = 0;
let holders = 0;
beforeAll(async () => {
  aws = await startAws();
});
afterAll(() => aws.stop());
beforeEach(async () => {
  tables += 1;
  tableName = `released-${tables}`;
  await aws.createTable(tableName);
});

const openTable = (afterMs: number, client: DynamoDBClient = aws.dynamo) =>
  createDeliveriesTable({
    client,
    tableName,
    historyDays: 90,
    now: () => at(afterMs),
    random: () => 0.5,
    wait: async () => {},
  });
/** Takes a row for a message that was sent long ago, or then. */
const take = (key: RowKey, afterMs: number, requestedAt = at(-60_000)): Promise<TakeResult> => {
  holders += 1;
  const holder = { token: `request-${holders}#0`, remainingMs: () => REMAINING_MS };
  return openTable(afterMs).take(
    key,
    holder,
    { requestedAt: requestedAt.toISOString() },
    toWebhook(aRecord()),
  );
};
/** A client before whose calls something else happens to the table. */
const interrupted = (before: (commandName: string) => Promise<void>): DynamoDBClient => {
  const client = new DynamoDBClient({ ...LOCAL_CLIENT, endpoint: aws.dynamoEndpoint });
  client.middlewareStack.add((next, { commandName = '' }) => async (args) => {
    await before(commandName);
    return next(args);
  });
  return client;
};
const takeThrough = (client: DynamoDBClient, key: RowKey, afterMs: number) =>
  openTable(afterMs, client).take(
    key,
    { token: 'interrupted#0', remainingMs: () => REMAINING_MS },
    { requestedAt: at(-60_000).toISOString() },
  );
const takeFree = async (key: RowKey, afterMs: number): Promise<HeldRow> => {
  const taken = await take(key, afterMs);
  if (taken.kind !== 'taken') throw new Error(`The row is not free: ${taken.kind}`);
  return taken.row;
};
const end = async (key: RowKey, afterMs: number, how: RowEnd): Promise<void> =>
  void (await openTable(afterMs).finish(await takeFree(key, afterMs), how));
/** Whether the row was released. */
const release = async (key: RowKey, afterMs: number): Promise<boolean> =>
  (await writeIfAllowed(
    aws.dynamo,
    toReleaseCommand({ tableName, now: () => at(afterMs) }, key),
    3_000,
  )) !== null;
const erase = async (key: RowKey, afterMs: number) =>
  writeIfAllowed(
    aws.dynamo,
    toEraseCommand({ tableName, historyDays: 90, now: () => at(afterMs) }, key, {
      event: 'voucherify.x',
      webhookAt: RECEIVED_AT,
    }),
    3_000,
  );
const readRow = async () => {
  const [row, ...others] = await aws.scan(tableName);
  expect(others).toEqual([]);
  return row ?? {};
};

describe.each([
  ['the id of an envelope', toKey('whs_1')],
  ['a content hash', toKey(HASH)],
])('a delivered row under %s that is released', (_case, key) => {
  beforeEach(async () => {
    await end(key, 0, DELIVERED);
    await release(key, 2_000);
  });

  it('passes once, and begins anew', async () => {
    const taken = await take(key, 3_000);
    expect(taken).toMatchObject({
      before: {
        attempts: 0,
        firstAt: null,
        lastFailure: null,
        unfinishedTries: 0,
        isReleased: true,
      },
    });
    expect((await take(key, 3_001)).kind).toBe('in_progress');
    if (taken.kind === 'taken') await openTable(4_000).finish(taken.row, DELIVERED);
    expect((await take(key, 5_000)).kind).toBe('duplicate');
    expect(await readRow()).toMatchObject({ lastReleasedAt: { S: at(2_000).toISOString() } });
    expect(await readRow()).not.toHaveProperty('releasedAt');
  });

  it('is taken by only one of many at the same moment', async () => {
    const kinds = (await Promise.all(Array.from({ length: 8 }, () => take(key, 3_000)))).map(
      ({ kind }) => kind,
    );
    expect(kinds.filter((kind) => kind === 'taken')).toHaveLength(1);
    // no copy is dropped before the delivery is made: it may be the only message
    expect(kinds).not.toContain('duplicate');
  });

  it('passes again when the invocation ended before it was finished, as a new delivery', async () => {
    await takeFree(key, 3_000);
    expect((await take(key, 3_000 + REMAINING_MS - 1)).kind).toBe('in_progress');
    expect(await take(key, 3_000 + REMAINING_MS)).toMatchObject({
      before: { attempts: 0, firstAt: null, unfinishedTries: 1, isReleased: true },
    });
  });

  it('passes again when it failed, and when its dead letter is replayed, until it is delivered', async () => {
    await end(key, 3_000, toWaiting(3_000));
    expect((await take(key, 4_000)).kind).toBe('not_due');
    expect(await take(key, 8_000)).toMatchObject({ before: { attempts: 1, isReleased: true } });
    await end(key, 60_000, toDead(60_000));
    expect((await take(key, 61_000)).kind).toBe('given_up');
    const replayed = await take(key, 63_000, at(62_000));
    expect(replayed).toMatchObject({ before: { attempts: 0, isReleased: true } });
    if (replayed.kind === 'taken') await openTable(64_000).finish(replayed.row, DELIVERED);
    expect((await take(key, 65_000, at(64_500))).kind).toBe('duplicate');
  });

  it('can be released again, which lets it pass once', async () => {
    expect(await release(key, 2_500)).toBe(true);
    await end(key, 3_000, DELIVERED);
    expect((await take(key, 4_000)).kind).toBe('duplicate');
    expect(await release(key, 5_000)).toBe(true);
    await end(key, 6_000, DELIVERED);
    expect((await take(key, 7_000)).kind).toBe('duplicate');
  });

  it('is looked at again when a copy of its message used up the release meanwhile', async () => {
    let updates = 0;
    const client = interrupted(async (commandName) => {
      if (commandName === 'UpdateItemCommand') updates += 1;
      // under a hash the row is read before it is taken
      const isTake = updates === (key.receivedAtMs === null ? 1 : 2);
      if (commandName === 'UpdateItemCommand' && isTake) await end(key, 3_000, DELIVERED);
    });
    const { kind } = await takeThrough(client, key, 3_000);
    // it is not known which of the two read first: dropped is only what finds the delivery made
    expect(kind).toBe(key.receivedAtMs === null ? 'duplicate' : 'in_progress');
    expect((await take(key, 4_000)).kind).toBe('duplicate');
  });

  it('is free at once, and still released, when its take was lost', async () => {
    const client = new DynamoDBClient({
      ...LOCAL_CLIENT,
      endpoint: aws.dynamoEndpoint,
      maxAttempts: 1,
    });
    client.middlewareStack.add((next) => async (args) => {
      const result = await next(args);
      if (JSON.stringify(args.input).includes(':inProgress')) throw new TypeError('lost');
      return result;
    });
    const holder = { token: 'lost#0', remainingMs: () => REMAINING_MS };
    const times = { requestedAt: at(0).toISOString() };
    expect((await openTable(3_000, client).take(key, holder, times)).kind).toBe(
      'deliveries_unavailable',
    );
    expect(await take(key, 3_000)).toMatchObject({
      before: { attempts: 0, firstAt: null, unfinishedTries: 0, isReleased: true },
    });
  });
});

it.each([
  ['the id of an envelope', toKey('whs_1')],
  ['a content hash', toKey(HASH)],
])(
  'a row under %s that is released while a message finds it delivered is looked at again',
  async (_case, key) => {
    await end(key, 0, DELIVERED);
    const client = interrupted(async (commandName) => {
      if (commandName === 'GetItemCommand') await release(key, 1_000);
    });
    // the row of a hash is taken after it was read
    expect((await takeThrough(client, key, 1_000)).kind).toBe(
      key.receivedAtMs === null ? 'in_progress' : 'taken',
    );
  },
);

describe('a row is not released', () => {
  const key = toKey('whs_1');
  it.each<[string, () => Promise<unknown>]>([
    ['that does not exist', async () => {}],
    ['that is held', () => takeFree(key, 0)],
    ['that waits', () => end(key, 0, toWaiting(0))],
    ['that is dead', () => end(key, 0, toDead(0))],
    ['that is erased', () => erase(key, 0)],
  ])('%s', async (_case, prepare) => {
    await prepare();
    expect(await release(key, 1_000)).toBe(false);
    const rows = await aws.scan(tableName);
    expect(rows.filter(({ releasedAt }) => releasedAt !== undefined)).toEqual([]);
  });

  it('whose code has expired', async () => {
    await end(key, 0, DELIVERED);
    const expiresMs = Date.parse('2026-04-30T22:00:00.000Z') - START_MS;
    expect(await release(key, expiresMs)).toBe(false);
    expect(await release(key, expiresMs - 1)).toBe(true);
  });
});

describe('a row says when its code expires', () => {
  const expiryOf = (expiresAt: string | null, purpose: 'code' | 'activity' = 'code') =>
    toWebhook(aRecord({ data: { purpose, voucher: aVoucher({ expiresAt }) } })).codeExpiresAt;

  it.each([
    ['2026-04-30T22:00:00.000Z', '2026-04-30T22:00:00.000Z'],
    ['2026-04-30T22:00:00+02:00', '2026-04-30T20:00:00.000Z'],
    ['2026-04-30', '2026-05-01T00:00:00.000Z'],
    ['not a time', null],
    [null, null],
  ])('in UTC: %s', (expiresAt, expected) => {
    expect(expiryOf(expiresAt)).toBe(expected);
  });

  it('only where the record hands out a code', () => {
    expect(expiryOf('2026-04-30T22:00:00.000Z', 'activity')).toBeNull();
    expect(toWebhook(aRecord({ data: { voucher: null } })).codeExpiresAt).toBeNull();
  });
});

describe('a row that is erased', () => {
  const key = toKey('whs_1');

  it.each<[string, () => Promise<unknown>]>([
    ['before it was attempted', async () => {}],
    ['while it waits', () => end(key, 0, toWaiting(0))],
    ['when it is dead', () => end(key, 0, toDead(0))],
    ['when it was delivered', () => end(key, 0, DELIVERED)],
    [
      'when it was released',
      async () => {
        await end(key, 0, DELIVERED);
        await release(key, 500);
      },
    ],
  ])('%s is dropped, whatever asks for it', async (_case, prepare) => {
    await prepare();
    await erase(key, 1_000);
    for (const afterMs of [2_000, 16 * DAY_MS]) {
      expect(await take(key, afterMs, at(afterMs - 1))).toEqual({ kind: 'erased' });
    }
    await openTable(3_000).giveUp(
      key,
      { reason: 'too_old', lastFailure: FAILURE },
      toWebhook(aRecord()),
    );
    const row = await readRow();
    expect(row).toMatchObject({
      state: { S: 'erased' },
      erasedAt: { S: at(1_000).toISOString() },
      expiresAtSeconds: { N: String((START_MS + 1_000 + 90 * DAY_MS) / 1_000) },
    });
    for (const name of ['stateShard', 'releasedAt', 'codeExpiresAt', 'nextAt', 'token', 'reason']) {
      expect(row).not.toHaveProperty(name);
    }
  });

  it.each([DELIVERED, toWaiting(0), toDead(0)])(
    'while it is held stays erased, however the attempt ends: $state',
    async (how) => {
      const row = await takeFree(key, 0);
      expect((await erase(key, 1_000))?.['state']).toEqual({ S: 'in_progress' });
      expect(await openTable(2_000).finish(row, how)).toEqual({ kind: 'finished' });
      expect(await readRow()).toMatchObject({ state: { S: 'erased' } });
      expect(await readRow()).not.toHaveProperty('stateShard');
      expect(await take(key, 3_000)).toEqual({ kind: 'erased' });
    },
  );

  it('under a content hash is another webhook a day later, as one with another id is', async () => {
    await end(toKey(HASH), 0, DELIVERED);
    await erase(toKey(HASH), 1_000);
    const receivedAfter = (ms: number) => toKey(HASH, at(ms).toISOString());
    expect((await take(receivedAfter(25 * 3_600_000), 2 * DAY_MS)).kind).toBe('erased');
    expect(await take(receivedAfter(27 * 3_600_000), 2 * DAY_MS)).toMatchObject({
      before: { attempts: 0, firstAt: null, isReleased: false },
    });
  });
});

const KINDS = {
  open: 'taken',
  released: 'taken',
  delivered: 'duplicate',
  erased: 'erased',
} as const;

it('after any course, what is delivered is delivered once for each release, and no release is lost', async () => {
  let round = 0;
  const steps = fc.array(
    fc.constantFrom('release', 'deliver', 'deliver', 'fail', 'crash', 'give up', 'erase'),
    { maxLength: 14 },
  );
  await fc.assert(
    fc.asyncProperty(steps, fc.boolean(), async (course, isByHash) => {
      round += 1;
      const { id, ...key } = toKey(isByHash ? HASH : 'whs_1');
      const own = { ...key, id, destination: `crm-${round}` };
      /** What the row must say, by the rules. */
      let state: 'open' | 'delivered' | 'released' | 'erased' = 'open';
      /** Whether the delivery that is under way is a released one. */
      let isReleased = false;
      let nowMs = 0;
      const expected: unknown[] = [];
      const seen: unknown[] = [];
      for (const step of course) {
        // every hold and every wait is over
        nowMs += 60_000;
        if (step === 'release') {
          const isReleasable = state === 'delivered' || state === 'released';
          // one that is released twice passes once
          expected.push(isReleasable, isReleasable);
          seen.push(await release(own, nowMs), await release(own, nowMs));
          if (isReleasable) state = 'released';
          continue;
        }
        if (step === 'erase') {
          await erase(own, nowMs);
          state = 'erased';
          continue;
        }
        const taken = await take(own, nowMs, at(nowMs));
        seen.push(taken.kind);
        expected.push(KINDS[state]);
        if (taken.kind !== 'taken') continue;
        isReleased ||= state === 'released';
        seen.push(taken.before.isReleased);
        expected.push(isReleased);
        state = 'open';
        if (step === 'crash') continue;
        const ends = { deliver: DELIVERED, fail: toWaiting(nowMs), 'give up': toDead(nowMs) };
        await openTable(nowMs).finish(taken.row, ends[step]);
        if (step !== 'deliver') continue;
        state = 'delivered';
        isReleased = false;
      }
      expect(seen).toEqual(expected);
    }),
    { numRuns: 60 },
  );
}, 60_000);
