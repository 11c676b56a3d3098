import { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { delivered, rejected, retry } from '../../lib/destinations/outcome.ts';
import type { FanOutDeps } from '../../lib/fan-out/fan-out.ts';
import { createDeliveriesTable } from '../../lib/deliveries/deliveries-table.ts';
import { aRecord, aVoucher } from '../support/a-record.ts';
import { type Aws, LOCAL_CLIENT, startAws } from '../support/aws.ts';
import { aDestination, createTestFanOut, NOW } from '../support/fan-out.ts';

let aws: Aws;
let tables = 0;
beforeAll(async () => {
  aws = await startAws();
});
afterAll(() => aws.stop());

/** A client without the SDK's own repetition, a share of whose writes is throttled. */
function createThrottledClient(share: number, seed: number): DynamoDBClient {
  const random = createRandom(seed);
  const client = new DynamoDBClient({
    ...LOCAL_CLIENT,
    endpoint: aws.dynamoEndpoint,
    maxAttempts: 1,
  });
  client.middlewareStack.add((next, { commandName }) => async (args) => {
    if (commandName === 'UpdateItemCommand' && random() < share) {
      throw Object.assign(new Error('throttled'), {
        name: 'ProvisionedThroughputExceededException',
      });
    }
    return next(args);
  });
  return client;
}

/** Numbers from 0 up to 1 that look random, the same for the same seed. */
function createRandom(seed: number): () => number {
  let state = seed;
  return () => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    return state / 2 ** 32;
  };
}

/** fanOut with a new table of DynamoDB, and its clock. */
async function startFanOut(
  destinations: Parameters<typeof createTestFanOut>[0],
  client: DynamoDBClient = aws.dynamo,
  sendDeadLetter?: FanOutDeps['sendDeadLetter'],
) {
  tables += 1;
  const tableName = `deliver-once-${tables}`;
  await aws.createTable(tableName);
  let nowMs = NOW.getTime();
  const now = () => new Date(nowMs);
  const fanOut = createTestFanOut(destinations, {
    now,
    ...(sendDeadLetter && { sendDeadLetter }),
    deliveries: createDeliveriesTable({
      client,
      tableName,
      now,
      random: () => 0.5,
      wait: async () => {},
    }),
  });
  return {
    ...fanOut,
    readRows: () => aws.scan(tableName),
    advance: (seconds: number) => {
      nowMs += seconds * 1_000;
    },
    /** Handles the messages in batches of ten, and what comes of them, until nothing is left. */
    handleAll: async (messages: readonly unknown[]): Promise<void> => {
      let waiting = messages;
      for (let round = 0; waiting.length > 0; round += 1) {
        if (round > 100) throw new Error('It does not end');
        const left: unknown[] = [];
        for (let n = 0; n < waiting.length; n += 10) {
          const batch = waiting.slice(n, n + 10);
          const failed = await fanOut.handle(...batch);
          left.push(...failed.map((id) => batch[Number(id.slice(1))]));
        }
        left.push(...fanOut.retries.splice(0).map((waitingRetry) => waitingRetry.retry));
        nowMs += 300_000;
        waiting = left;
      }
    },
  };
}

/** A publication of which nothing but its id is known. */
const aPublication = (id: string) => ({
  id,
  createdAt: null,
  result: null,
  channel: null,
  trackingId: null,
  sourceId: null,
  customerId: null,
  voucherIds: [],
  metadata: null,
});
const aRecordOf = (id: string, publicationId: string) =>
  aRecord({
    id,
    data: {
      voucher: aVoucher({ expiresAt: null }),
      publication: aPublication(publicationId),
    },
  });

describe('with a third of the writes throttled', () => {
  it('200 customers whose publication two webhooks report are mailed once each', async () => {
    const mail = aDestination({
      name: 'mail',
      deduplicateBy: ({ data }) => data.publication?.id ?? null,
    });
    const { handleAll, telemetry, deadLetters } = await startFanOut(
      [mail],
      createThrottledClient(1 / 3, 20_261_127),
    );
    const customers = Array.from({ length: 200 }, (_, n) => `pub_${n}`);
    await handleAll([
      ...customers.map((id) => aRecordOf(`whs_first_${id}`, id)),
      ...customers.map((id) => aRecordOf(`whs_second_${id}`, id)),
    ]);
    const mailed = mail.received.map(({ data }) => data.publication?.id ?? 'none');
    expect(mailed.toSorted()).toEqual(customers.toSorted());
    expect(deadLetters).toEqual([]);
    const codes = new Set(telemetry.errors.map(({ code }) => code));
    expect([...codes]).toEqual(['deliveries_unavailable']);
  }, 60_000);

  it('each of any records is delivered once, however often its message comes', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.array(fc.integer({ min: 1, max: 5 }), { minLength: 1, maxLength: 20 }),
        fc.integer({ min: 1 }),
        async (ids, seed) => {
          const crm = aDestination({ name: 'crm' });
          const { handleAll } = await startFanOut([crm], createThrottledClient(1 / 3, seed));
          await handleAll(ids.map((id) => aRecordOf(`whs_${id}`, 'pub_1')));
          const received = crm.received.map(({ id }) => id).toSorted();
          expect(received).toEqual([...new Set(ids.map((id) => `whs_${id}`))].toSorted());
        },
      ),
      { numRuns: 15 },
    );
  }, 60_000);
});

describe('a message that SQS hands out twice at once', () => {
  it('is delivered once, although both copies have the same id', async () => {
    const { promise: response, resolve: respond } = Promise.withResolvers<void>();
    const { promise: isSent, resolve: sent } = Promise.withResolvers<void>();
    const crm = aDestination({ name: 'crm' }, async () => {
      sent();
      await response;
      return delivered(204);
    });
    const { handle, telemetry } = await startFanOut([crm]);
    const record = aRecordOf('whs_1', 'pub_1');
    const first = handle(record);
    await isSent;
    expect(await handle(record)).toEqual(['m0']);
    respond();
    expect(await first).toEqual([]);
    expect(crm.received).toHaveLength(1);
    expect(telemetry.deliveries.map(({ status }) => status)).toEqual(['in_progress', 'delivered']);
  });
});

describe('the row of a delivery', () => {
  it('agrees with the retry message that carries it on', async () => {
    const crm = aDestination({ name: 'crm' }, () => retry('http_status', { status: 503 }));
    const { handle, retries, readRows } = await startFanOut([crm]);
    await handle(aRecordOf('whs_1', 'pub_1'));
    const [message] = retries;
    expect(await readRows()).toMatchObject([
      {
        state: { S: 'waiting' },
        attempts: { N: '1' },
        firstAt: { S: message?.retry.firstAt },
        lastAt: { S: message?.retry.lastAt },
        nextAt: { S: message?.retry.notBefore },
        lastFailure: { M: { reason: { S: 'http_status' }, status: { N: '503' } } },
      },
    ]);
    expect(message?.retry.attempt).toBe(2);
  });

  it('counts no attempt that uses none up', async () => {
    const crm = aDestination({ name: 'crm' }, () => ({
      ...retry('http_status', { status: 429 }),
      countsAsAttempt: false,
    }));
    const { handle, readRows } = await startFanOut([crm]);
    await handle(aRecordOf('whs_1', 'pub_1'));
    expect(await readRows()).toMatchObject([{ state: { S: 'waiting' }, attempts: { N: '0' } }]);
  });

  it('is dead with the reason of its dead letter, and can be tried again by a replay', async () => {
    let isBroken = true;
    const crm = aDestination({ name: 'crm' }, () =>
      isBroken ? rejected('http_status', { status: 422 }) : delivered(204),
    );
    const { handle, deadLetters, readRows } = await startFanOut([crm]);
    await handle(aRecordOf('whs_1', 'pub_1'));
    expect(await readRows()).toMatchObject([
      { state: { S: 'dead' }, reason: { S: 'rejected' }, attempts: { N: '1' } },
    ]);
    expect(deadLetters).toMatchObject([{ reason: 'rejected', attempts: 1 }]);
    isBroken = false;
    await handle(aRecordOf('whs_1', 'pub_1'));
    expect(await readRows()).toMatchObject([{ state: { S: 'delivered' } }]);
  });

  it('of a second record under a business key is delivered, too, since nothing is left to do', async () => {
    const crm = aDestination({ name: 'crm', deduplicateBy: () => 'one' });
    const { handle, readRows } = await startFanOut([crm]);
    await handle(aRecordOf('whs_1', 'pub_1'), aRecordOf('whs_2', 'pub_1'));
    await handle(aRecordOf('whs_2', 'pub_1'));
    expect(crm.received).toHaveLength(1);
    const states = (await readRows()).map(({ id, state }) => `${id?.S?.slice(0, 8)} ${state?.S}`);
    expect(states.toSorted()).toContain('business delivered');
  });

  it('says neither waiting nor dead of what could not be stored, and is free when it comes again', async () => {
    let isDown = true;
    const crm = aDestination({ name: 'crm' }, () => rejected('http_status', { status: 422 }));
    const { handle, advance, readRows } = await startFanOut([crm], aws.dynamo, async () => {
      if (isDown) throw new Error('down');
    });
    expect(await handle(aRecordOf('whs_1', 'pub_1'))).toEqual(['m0']);
    expect(await readRows()).toMatchObject([{ state: { S: 'in_progress' } }]);
    isDown = false;
    advance(180);
    expect(await handle(aRecordOf('whs_1', 'pub_1'))).toEqual([]);
    expect(await readRows()).toMatchObject([{ state: { S: 'dead' } }]);
  });
});

describe('a finishing write that is lost', () => {
  const lost = { kind: 'not_written', cause: 'TimeoutError' } as const;

  it.each([
    ['delivered', () => delivered(204), 'delivered_write_failed'],
    ['waiting', () => retry('http_status', { status: 503 }), 'deliveries_write_failed'],
    ['dead', () => rejected('http_status', { status: 422 }), 'deliveries_write_failed'],
  ])(
    'of a delivery that is %s is an error and changes no result',
    async (status, outcome, code) => {
      const crm = aDestination({ name: 'crm' }, outcome);
      const { handle, telemetry } = createTestFanOut([crm], {
        deliveries: {
          take: async (key, holder) => ({ kind: 'taken', row: { key, holder } }),
          finish: async () => lost,
        },
      });
      expect(await handle(aRecordOf('whs_1', 'pub_1'))).toEqual([]);
      expect(telemetry.deliveries).toMatchObject([{ status }]);
      expect(telemetry.errors).toEqual([
        { code, id: 'whs_1', destination: 'crm', cause: 'TimeoutError' },
      ]);
    },
  );
});
