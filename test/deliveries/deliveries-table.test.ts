import { randomUUID } from 'node:crypto';
import {
  DeleteItemCommand,
  type DeleteItemCommandInput,
  DynamoDBClient,
  UpdateItemCommand,
} from '@aws-sdk/client-dynamodb';
import fc from 'fast-check';
import { afterAll, beforeAll, beforeEach, describe, expect, it, vi } from 'vitest';
import { delivered, rejected, retry } from '../../lib/destinations/outcome.ts';
import {
  createIdempotencyStore,
  MAX_ENTRIES,
  type RunOnce,
  toBusinessKey,
  toDeliveryKey,
} from '../../lib/deliveries/deliveries-table.ts';
import type { DeliveryResult } from '../../lib/fan-out/delivery.ts';
import { RECEIVED_AT } from '../support/a-record.ts';
import { type Aws, LOCAL_CLIENT, startAws } from '../support/aws.ts';
import { aContext } from '../support/lambda.ts';
import { recordingTelemetry } from '../support/recording-telemetry.ts';

const DONE = delivered(204);
const KEY = toDeliveryKey('whs_1', 'crm', RECEIVED_AT);
const DAY_SECONDS = 86_400;

let aws: Aws;
let table: string;
let tables = 0;
beforeAll(async () => {
  aws = await startAws();
});
afterAll(() => aws.stop());
beforeEach(async () => {
  tables += 1;
  table = `deliveries-${tables}`;
  await aws.createTable(table);
});

/** The store of one new invocation, and its telemetry. */
function openStore({ client = aws.dynamo, now = () => new Date() } = {}) {
  const telemetry = recordingTelemetry();
  const store = createIdempotencyStore({
    client,
    tableName: table,
    telemetry,
    now,
    createToken: randomUUID,
  });
  return { runOnce: store(aContext()), telemetry };
}

/** A client of the table that sends every call of that command twice, as the SDK does after a timeout. */
function createClientSendingTwice(command: string): DynamoDBClient {
  const client = new DynamoDBClient({ ...LOCAL_CLIENT, endpoint: aws.dynamoEndpoint });
  client.middlewareStack.add(
    (next, { commandName }) =>
      async (args) => {
        const output = await next(args);
        return commandName === command ? next(args) : output;
      },
    { step: 'serialize' },
  );
  return client;
}

/** A `deliver` with that result, and how often it ran. */
function deliverWith(result: DeliveryResult) {
  const made = { times: 0 };
  return {
    made,
    run: async () => {
      made.times += 1;
      return result;
    },
  };
}

/** An invocation that stopped in the middle of its delivery, and whose time is over. */
async function crashWhileHolding(runOnce: RunOnce, key: string): Promise<void> {
  const { promise: started, resolve } = Promise.withResolvers<void>();
  void runOnce(KEY, () => {
    resolve();
    return new Promise<DeliveryResult>(() => {});
  });
  await started;
  await aws.dynamo.send(
    new UpdateItemCommand({
      TableName: table,
      Key: { id: { S: key } },
      UpdateExpression: 'SET heldUntilMs = :past',
      ExpressionAttributeValues: { ':past': { N: '1' } },
    }),
  );
}

describe('a key', () => {
  it('is completed by a delivery, so that the next one is a duplicate, in any invocation', async () => {
    const first = deliverWith(DONE);
    const second = deliverWith(DONE);
    expect(await openStore().runOnce(KEY, first.run)).toEqual(DONE);
    expect(await openStore().runOnce(KEY, second.run)).toEqual({ kind: 'duplicate' });
    expect([first.made.times, second.made.times]).toEqual([1, 0]);
  });

  it.each<DeliveryResult>([
    retry('http_status', { status: 503 }),
    rejected('http_status', { status: 404 }),
    { kind: 'insufficient_time' },
    { kind: 'in_progress' },
    { kind: 'deliveries_unavailable', cause: 'TimeoutError' },
  ])('is released by any other result: $kind', async (result) => {
    const { runOnce, telemetry } = openStore();
    expect(await runOnce(KEY, deliverWith(result).run)).toEqual(result);
    expect(await aws.scan(table)).toEqual([]);
    expect(await runOnce(KEY, deliverWith(DONE).run)).toEqual(DONE);
    expect(telemetry.errors).toEqual([]);
  });

  it('is released when the delivery throws, which is a fault of ours', async () => {
    const { runOnce } = openStore();
    const broken = runOnce(KEY, async () => Promise.reject(new RangeError('broken')));
    await expect(broken).rejects.toThrow(RangeError);
    expect(await aws.scan(table)).toEqual([]);
  });

  it('is held while the delivery runs', async () => {
    const { promise: result, resolve } = Promise.withResolvers<DeliveryResult>();
    const { promise: started, resolve: start } = Promise.withResolvers<void>();
    const first = openStore().runOnce(KEY, () => {
      start();
      return result;
    });
    await started;
    const second = deliverWith(DONE);
    expect(await openStore().runOnce(KEY, second.run)).toEqual({ kind: 'in_progress' });
    expect(second.made.times).toBe(0);
    resolve(DONE);
    expect(await first).toEqual(DONE);
  });

  it('is acquired by only one of many at the same moment', async () => {
    const { made, run } = deliverWith(DONE);
    const results = await Promise.all(
      Array.from({ length: 10 }, () => openStore().runOnce(KEY, run)),
    );
    expect(made.times).toBe(1);
    expect(results.filter(({ kind }) => kind === 'delivered')).toHaveLength(1);
  });

  it('that a crash left held is free when the time of the crashed invocation is over', async () => {
    const { runOnce } = openStore();
    await crashWhileHolding(runOnce, KEY.key);
    expect(await openStore().runOnce(KEY, deliverWith(DONE).run)).toEqual(DONE);
  });

  it('is held for the time that its invocation has left, and no longer', async () => {
    const START_MS = Date.parse('2026-03-05T10:00:00.000Z');
    const storeAfter = (ms: number) => openStore({ now: () => new Date(START_MS + ms) });
    void storeAfter(0).runOnce(KEY, () => new Promise<DeliveryResult>(() => {}));
    await vi.waitFor(async () => expect(await aws.scan(table)).toHaveLength(1));
    const remainingMs = aContext().getRemainingTimeInMillis();
    const { made, run } = deliverWith(DONE);
    expect(await storeAfter(remainingMs).runOnce(KEY, run)).toEqual({ kind: 'in_progress' });
    expect(await storeAfter(remainingMs + 1).runOnce(KEY, run)).toEqual(DONE);
    expect(made.times).toBe(1);
  });

  it('is acquired by a call whose first response was lost', async () => {
    const { runOnce, telemetry } = openStore({
      client: createClientSendingTwice('PutItemCommand'),
    });
    expect(await runOnce(KEY, deliverWith(DONE).run)).toEqual(DONE);
    expect(telemetry.errors).toEqual([]);
  });

  it('differs by record and by destination', async () => {
    const { runOnce } = openStore();
    for (const key of [
      KEY,
      toDeliveryKey('whs_2', 'crm', RECEIVED_AT),
      toDeliveryKey('whs_1', 'sms', RECEIVED_AT),
    ]) {
      expect(await runOnce(key, deliverWith(DONE).run)).toEqual(DONE);
    }
  });
});

describe('the table', () => {
  it.each([
    ['the id of an envelope', toDeliveryKey('whs_1', 'crm', RECEIVED_AT), 15 * DAY_SECONDS],
    ['a hash', toDeliveryKey(`sha_${'0'.repeat(64)}`, 'crm', RECEIVED_AT), 15 * DAY_SECONDS],
    ['a business key', toBusinessKey('pub_n3', 'crm'), 15 * DAY_SECONDS],
  ])('keeps a delivery under %s for its time', async (_what, key, seconds) => {
    await openStore().runOnce(key, deliverWith(DONE).run);
    const [item] = await aws.scan(table);
    const leftSeconds = Number(item?.['expiresAtSeconds']?.N) - Date.now() / 1_000;
    expect(Math.abs(leftSeconds - seconds)).toBeLessThan(60);
  });

  it.each([
    ['the id of an envelope', toDeliveryKey('whs_1', 'crm', RECEIVED_AT), 15 * DAY_SECONDS],
    ['a hash', toDeliveryKey(`sha_${'0'.repeat(64)}`, 'crm', RECEIVED_AT), 15 * DAY_SECONDS],
  ])('may keep a row too long: a delivery under %s is a duplicate by the clock', async (...row) => {
    const [, key, seconds] = row;
    const start = Date.parse('2026-03-05T10:00:00.000Z');
    const storeAfter = (passed: number) =>
      openStore({ now: () => new Date(start + passed * 1_000) });
    const { made, run } = deliverWith(DONE);
    await storeAfter(0).runOnce(key, run);
    expect(await storeAfter(seconds).runOnce(key, run)).toEqual({ kind: 'duplicate' });
    expect(await storeAfter(seconds + 1).runOnce(key, run)).toEqual(DONE);
    expect(await storeAfter(seconds + 2).runOnce(key, run)).toEqual({ kind: 'duplicate' });
    expect(made.times).toBe(2);
  });

  it('fits the key of a table whatever the id is, and differs for ids that differ', () => {
    const long = ['漢'.repeat(513), `${'漢'.repeat(513)}x`, 'x'.repeat(100_000)];
    const keys = long.map((id) => toDeliveryKey(id, 'd'.repeat(64), RECEIVED_AT).key);
    expect(new Set(keys).size).toBe(long.length);
    for (const key of keys) expect(Buffer.byteLength(key)).toBeLessThanOrEqual(2_048);
  });

  it('takes the keys of the longest ids', () => {
    // a partition key of DynamoDB has at most 2,048 bytes
    const { key } = toDeliveryKey('漢'.repeat(512), 'd'.repeat(64), RECEIVED_AT);
    expect(Buffer.byteLength(key)).toBeLessThanOrEqual(2_048);
  });

  it('does not mix the keys of deliveries with business keys', () => {
    expect(toDeliveryKey('pub_1', 'crm', RECEIVED_AT).key).not.toBe(
      toBusinessKey('pub_1', 'crm').key,
    );
    expect(toBusinessKey('pub_1', 'crm').key).not.toBe(toBusinessKey('pub_1', 'sms').key);
    expect(toBusinessKey('pub_1', 'crm').key).not.toBe(toBusinessKey('pub_2', 'crm').key);
  });

  it('names record and destination for an operator, and nothing else', async () => {
    await openStore().runOnce(KEY, deliverWith(DONE).run);
    const [item] = await aws.scan(table);
    expect(item?.['id']).toEqual({ S: 'delivery#crm#whs_1' });
    expect(Object.keys(item ?? {}).sort()).toEqual(['expiresAtSeconds', 'id', 'state']);
  });

  it('does not name a business key, which may be personal', async () => {
    await openStore().runOnce(toBusinessKey('ida.quay@example.test', 'crm'), deliverWith(DONE).run);
    expect(JSON.stringify(await aws.scan(table))).not.toContain('ida');
  });
});

describe('the key of a content hash', () => {
  const HASH = `sha_${'5e'.repeat(32)}`;
  const START = Date.parse('2026-03-01T10:00:00.000Z');
  const HOUR_MS = 3_600_000;
  const DAY = 24;
  const keyAt = (hours: number) =>
    toDeliveryKey(HASH, 'crm', new Date(START + hours * HOUR_MS).toISOString());
  /** All of them are delivered on the ninth, in a replay. */
  const NINTH = 8 * DAY;
  const openAt = (hours: number, client?: DynamoDBClient) =>
    openStore({ now: () => new Date(START + hours * HOUR_MS), ...(client && { client }) }).runOnce;
  const deliverAll = async (runOnce: RunOnce, receivedAfterHours: readonly number[]) => {
    const results: string[] = [];
    for (const hours of receivedAfterHours) {
      results.push((await runOnce(keyAt(hours), deliverWith(DONE).run)).kind);
    }
    return results;
  };

  it.each([
    ['three of different days', [0, 3 * DAY, 7 * DAY]],
    ['the same, the last first', [7 * DAY, 0, 3 * DAY]],
  ])('delivers %s, although all are delivered together', async (_, hours) => {
    expect(await deliverAll(openAt(NINTH), hours)).toEqual(['delivered', 'delivered', 'delivered']);
  });

  it.each([
    ['at once', 0],
    ['in its last retry', 24],
    ['late in that', 26],
  ])('knows a repetition by the sender %s, whatever was delivered in between', async (_, later) => {
    const hours = [0, 3 * DAY, later, 3 * DAY + later, 7 * DAY];
    expect(await deliverAll(openAt(NINTH), hours)).toEqual([
      'delivered',
      'delivered',
      'duplicate',
      'duplicate',
      'delivered',
    ]);
  });

  it('delivers each unless one within 26 hours was delivered, in any order', async () => {
    let round = 0;
    await fc.assert(
      fc.asyncProperty(
        fc.array(fc.integer({ min: 0, max: 200 }), { maxLength: 7 }),
        async (all) => {
          round += 1;
          const deliveredAt: number[] = [];
          for (const hours of all) {
            const receivedAt = new Date(START + hours * HOUR_MS).toISOString();
            const key = toDeliveryKey(HASH, `crm-${round}`, receivedAt);
            const isRepetition = deliveredAt.some((other) => Math.abs(other - hours) <= 26);
            const { kind } = await openAt(NINTH)(key, deliverWith(DONE).run);
            expect(kind).toBe(isRepetition ? 'duplicate' : 'delivered');
            if (!isRepetition) deliveredAt.push(hours);
          }
        },
      ),
      { numRuns: 30 },
    );
  });

  it.each([
    ['is retried', async () => retry('http_status', { status: 503 })],
    ['is rejected', async () => rejected('http_status', { status: 404 })],
  ])('still knows the others when one %s', async (_, run) => {
    const runOnce = openAt(NINTH);
    await deliverAll(runOnce, [0]);
    await runOnce(keyAt(3 * DAY), run);
    expect(await deliverAll(runOnce, [1, 3 * DAY, 3 * DAY + 1])).toEqual([
      'duplicate',
      'delivered',
      'duplicate',
    ]);
  });

  it('still knows the others when the function throws or crashes during one', async () => {
    const runOnce = openAt(NINTH);
    await deliverAll(runOnce, [0]);
    await expect(
      runOnce(keyAt(3 * DAY), async () => {
        throw new Error('thrown');
      }),
    ).rejects.toThrow('thrown');
    const { promise: started, resolve } = Promise.withResolvers<void>();
    void runOnce(keyAt(3 * DAY), () => {
      resolve();
      return new Promise(() => undefined);
    });
    await started;
    expect(await deliverAll(runOnce, [1, 3 * DAY])).toEqual(['duplicate', 'in_progress']);
    expect(await deliverAll(openAt(NINTH + 1), [2, 3 * DAY])).toEqual(['duplicate', 'delivered']);
  });

  it('is held and completed by calls whose first response was lost', async () => {
    const runOnce = openAt(NINTH, createClientSendingTwice('UpdateItemCommand'));
    expect(await deliverAll(runOnce, [0, 3 * DAY, 1])).toEqual([
      'delivered',
      'delivered',
      'duplicate',
    ]);
  });

  it('keeps a limited number of entries, however often a body is sent', async () => {
    for (let day = 0; day < 2 * MAX_ENTRIES + 10; day += 2) {
      expect(await deliverAll(openAt(day * DAY), [day * DAY])).toEqual(['delivered']);
    }
    const [item] = await aws.scan(table);
    // those that were kept, and the last one
    expect(item?.['receivedAtMs']?.NS).toHaveLength(MAX_ENTRIES + 1);
    expect(await deliverAll(openAt(NINTH), [2 * MAX_ENTRIES * DAY])).toEqual(['duplicate']);
  });
});

describe('a business key within the key of a delivery', () => {
  const both = (runOnce: RunOnce, recordId: string, run: () => Promise<DeliveryResult>) =>
    runOnce(toDeliveryKey(recordId, 'crm', RECEIVED_AT), () =>
      runOnce(toBusinessKey('pub_n3', 'crm'), run),
    );

  it('delivers one publication to a destination once, whichever record comes first', async () => {
    const { runOnce } = openStore();
    const { made, run } = deliverWith(DONE);
    expect(await both(runOnce, 'whs_1', run)).toEqual(DONE);
    expect(await both(runOnce, 'whs_2', run)).toEqual({ kind: 'duplicate' });
    expect(await both(runOnce, 'whs_2', run)).toEqual({ kind: 'duplicate' });
    expect(made.times).toBe(1);
    const states = (await aws.scan(table)).map((item) => item['state']?.S);
    expect(states).toEqual(['delivered', 'delivered', 'delivered']);
  });

  it('releases both when the delivery failed, so that another record may be delivered', async () => {
    const { runOnce } = openStore();
    expect(
      await both(runOnce, 'whs_1', deliverWith(retry('http_status', { status: 503 })).run),
    ).toMatchObject({
      kind: 'retry',
    });
    expect(await aws.scan(table)).toEqual([]);
    expect(await both(runOnce, 'whs_2', deliverWith(DONE).run)).toEqual(DONE);
    expect(await both(runOnce, 'whs_1', deliverWith(DONE).run)).toEqual({ kind: 'duplicate' });
  });
});

describe('a release that DynamoDB carries out late', () => {
  /** The call that released the key of a delivery that failed. */
  async function captureRelease(): Promise<DeleteItemCommandInput> {
    const client = new DynamoDBClient({ ...LOCAL_CLIENT, endpoint: aws.dynamoEndpoint });
    const calls: unknown[] = [];
    client.middlewareStack.add(
      (next, { commandName }) =>
        async (args) => {
          if (commandName === 'DeleteItemCommand') calls.push(args.input);
          return next(args);
        },
      { step: 'initialize' },
    );
    await openStore({ client }).runOnce(
      KEY,
      deliverWith(retry('http_status', { status: 503 })).run,
    );
    expect(calls).toHaveLength(1);
    return calls[0] as DeleteItemCommandInput;
  }

  it('does not remove what another invocation has delivered in the meantime', async () => {
    const late = await captureRelease();
    expect(await openStore().runOnce(KEY, deliverWith(DONE).run)).toEqual(DONE);
    await expect(aws.dynamo.send(new DeleteItemCommand(late))).rejects.toThrow('conditional');
    expect(await openStore().runOnce(KEY, deliverWith(DONE).run)).toEqual({ kind: 'duplicate' });
  });

  it('does not remove what another invocation is delivering', async () => {
    const late = await captureRelease();
    const { made, run } = deliverWith(DONE);
    await openStore().runOnce(KEY, async () => {
      await expect(aws.dynamo.send(new DeleteItemCommand(late))).rejects.toThrow('conditional');
      expect(await openStore().runOnce(KEY, run)).toEqual({ kind: 'in_progress' });
      return DONE;
    });
    expect(made.times).toBe(0);
  });

  it('may come twice, when the first response was lost', async () => {
    const { runOnce, telemetry } = openStore({
      client: createClientSendingTwice('DeleteItemCommand'),
    });
    expect(
      await runOnce(KEY, deliverWith(retry('http_status', { status: 503 })).run),
    ).toMatchObject({
      kind: 'retry',
    });
    expect([await aws.scan(table), telemetry.errors]).toEqual([[], []]);
  });
});

describe('when the table fails', () => {
  /** A client of the table whose first n calls succeed and whose other calls fail. */
  function failingFrom(n: number): DynamoDBClient {
    const client = new DynamoDBClient({ ...LOCAL_CLIENT, endpoint: aws.dynamoEndpoint });
    let calls = 0;
    client.middlewareStack.add((next) => async (args) => {
      calls += 1;
      if (calls <= n) return next(args);
      throw Object.assign(new Error('throttled'), { name: 'ThrottlingException' });
    });
    return client;
  }

  it('before the delivery, nothing is sent: late can be repaired, twice cannot', async () => {
    const { runOnce } = openStore({ client: failingFrom(0) });
    const { made, run } = deliverWith(DONE);
    expect(await runOnce(KEY, run)).toEqual({
      kind: 'deliveries_unavailable',
      cause: 'ThrottlingException',
    });
    expect(made.times).toBe(0);
  });

  it('when the holder of the key is read, nothing is sent either', async () => {
    await openStore().runOnce(KEY, deliverWith(DONE).run);
    const { runOnce } = openStore({ client: failingFrom(1) });
    const { made, run } = deliverWith(DONE);
    expect(await runOnce(KEY, run)).toEqual({
      kind: 'deliveries_unavailable',
      cause: 'ThrottlingException',
    });
    expect(made.times).toBe(0);
  });

  it('after a delivery that threw, its error is thrown and the failure is logged', async () => {
    const { runOnce, telemetry } = openStore({ client: failingFrom(1) });
    const broken = runOnce(KEY, async () => Promise.reject(new RangeError('broken')));
    await expect(broken).rejects.toThrow(RangeError);
    expect(telemetry.errors).toMatchObject([{ id: KEY.key, cause: 'ThrottlingException' }]);
  });

  it.each<DeliveryResult>([
    DONE,
    retry('http_status', { status: 503 }),
    rejected('http_status', { status: 404 }),
  ])('after the delivery, its result stays and the failure is logged: $kind', async (result) => {
    const { runOnce, telemetry } = openStore({ client: failingFrom(1) });
    expect(await runOnce(KEY, deliverWith(result).run)).toEqual(result);
    expect(telemetry.errors).toEqual([
      {
        code: 'deliveries_write_failed',
        id: KEY.key,
        outcome: result.kind,
        cause: 'ThrottlingException',
      },
    ]);
  });
});
