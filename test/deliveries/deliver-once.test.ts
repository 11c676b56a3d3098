import { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { delivered, rejected, retry } from '../../lib/destinations/outcome.ts';
import type { FanOutQueues } from '../../lib/fan-out/queues.ts';
import { createDeliveriesTable } from '../../lib/deliveries/deliveries-table.ts';
import { toDeliveryKey } from '../../lib/deliveries/row.ts';
import { toEraseCommand } from '../../lib/deliveries/row-writes.ts';
import { createRelease } from '../../lib/operator/release.ts';
import { aRecord, aVoucher } from '../support/a-record.ts';
import { type Aws, LOCAL_CLIENT, startAws } from '../support/aws.ts';
import { aDelivery, aDestination, createTestFanOut, NOW } from '../support/fan-out.ts';
import { aBatchOf, aContext } from '../support/lambda.ts';

const QUEUE_ARN = 'arn:aws:sqs:eu-west-1:000000000000:voucher-relay-test-to-';

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

/** fanOut with a new table of DynamoDB, on a clock of its own that waits only when it is told to. */
async function startFanOut(
  destination: ReturnType<typeof aDestination>,
  client: DynamoDBClient = aws.dynamo,
  queues: Partial<FanOutQueues> = {},
) {
  tables += 1;
  const tableName = `deliver-once-${tables}`;
  await aws.createTable(tableName);
  let nowMs = NOW.getTime();
  const now = () => new Date(nowMs);
  const fanOut = createTestFanOut([destination], {
    now,
    queues,
    // an attempt is over before its timeout is, and nothing else waits in these tests
    wait: async () => new Promise(() => {}),
    deliveries: createDeliveriesTable({
      client,
      tableName,
      historyDays: 90,
      now,
      random: () => 0.5,
      wait: async () => {},
    }),
  });
  /** Delivers a batch; returns the ids of the messages that stay. */
  const deliver = async (...bodies: readonly unknown[]): Promise<string[]> => {
    const options = { queueArn: QUEUE_ARN + destination.id, sentAt: NOW };
    const { batchItemFailures } = await fanOut.handler(aBatchOf(options, ...bodies), aContext());
    return batchItemFailures.map(({ itemIdentifier }) => itemIdentifier);
  };
  return {
    ...fanOut,
    tableName,
    deliver,
    readRows: () => aws.scan(tableName),
    advance: (seconds: number) => {
      nowMs += seconds * 1_000;
    },
    /** Delivers the messages in batches of ten, and what stays of them again, until nothing is left. */
    deliverAll: async (messages: readonly unknown[]): Promise<void> => {
      let waiting = messages;
      for (let round = 0; waiting.length > 0; round += 1) {
        if (round > 100) throw new Error('It does not end');
        const left: unknown[] = [];
        for (let n = 0; n < waiting.length; n += 10) {
          const batch = waiting.slice(n, n + 10);
          const staying = await deliver(...batch);
          left.push(...staying.map((id) => batch[Number(id.slice(1))]));
        }
        nowMs += 900_000;
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
const aMessage = (id: string, destination = 'crm', publicationId = 'pub_1') =>
  aDelivery(
    aRecord({
      id,
      data: {
        voucher: aVoucher({ expiresAt: null }),
        publication: aPublication(publicationId),
      },
    }),
    destination,
    { requestedAt: NOW.toISOString() },
  );

describe('with a third of the writes throttled', () => {
  it('200 customers whose publication two webhooks report are mailed once each', async () => {
    const mail = aDestination({
      name: 'mail',
      deduplicateBy: ({ data }) => data.publication?.id ?? null,
    });
    const { deliverAll, telemetry, deadLetters, readRows } = await startFanOut(
      mail,
      createThrottledClient(1 / 3, 20_261_127),
    );
    const customers = Array.from({ length: 200 }, (_, n) => `pub_${n}`);
    await deliverAll([
      ...customers.map((id) => aMessage(`whs_first_${id}`, 'mail', id)),
      ...customers.map((id) => aMessage(`whs_second_${id}`, 'mail', id)),
    ]);
    const mailed = mail.received.map(({ data }) => data.publication?.id ?? 'none');
    expect(mailed.toSorted()).toEqual(customers.toSorted());
    expect(deadLetters).toEqual([]);
    const codes = new Set(telemetry.errors.map(({ code }) => code));
    expect([...codes]).toEqual(['deliveries_unavailable']);
    // one of each delivery, and one of each publication
    const states = (await readRows()).map(({ state }) => state?.S);
    expect(states).toEqual(Array.from({ length: 600 }, () => 'delivered'));
  }, 60_000);

  it('each of any records is delivered once, however often its message comes', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.array(fc.integer({ min: 1, max: 5 }), { minLength: 1, maxLength: 20 }),
        fc.integer({ min: 1 }),
        async (ids, seed) => {
          const crm = aDestination({ name: 'crm' });
          const { deliverAll } = await startFanOut(crm, createThrottledClient(1 / 3, seed));
          await deliverAll(ids.map((id) => aMessage(`whs_${id}`)));
          const received = crm.received.map(({ id }) => id).toSorted();
          expect(received).toEqual([...new Set(ids.map((id) => `whs_${id}`))].toSorted());
        },
      ),
      { numRuns: 8 },
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
    const { deliver, telemetry } = await startFanOut(crm);
    const first = deliver(aMessage('whs_1'));
    await isSent;
    expect(await deliver(aMessage('whs_1'))).toEqual(['m0']);
    respond();
    expect(await first).toEqual([]);
    expect(crm.received).toHaveLength(1);
    expect(telemetry.deliveries.map(({ status }) => status)).toEqual(['in_progress', 'delivered']);
  });
});

describe('the row of a delivery', () => {
  it('says until when its message is hidden, and why', async () => {
    const crm = aDestination({ name: 'crm' }, () => retry('http_status', { status: 503 }));
    const { deliver, hidden, readRows } = await startFanOut(crm);
    expect(await deliver(aMessage('whs_1'))).toEqual(['m0']);
    expect(hidden).toMatchObject([{ seconds: 5 }]);
    expect(await readRows()).toMatchObject([
      {
        state: { S: 'waiting' },
        attempts: { N: '1' },
        firstAt: { S: '2026-03-05T10:00:00.000Z' },
        lastAt: { S: '2026-03-05T10:00:00.000Z' },
        nextAt: { S: '2026-03-05T10:00:05.000Z' },
        lastFailure: { M: { reason: { S: 'http_status' }, status: { N: '503' } } },
      },
    ]);
  });

  it('counts the attempts over all invocations', async () => {
    const crm = aDestination({ name: 'crm' }, () => retry('http_status', { status: 503 }));
    const { deliver, advance, readRows, telemetry } = await startFanOut(crm);
    for (let n = 0; n < 3; n += 1) {
      await deliver(aMessage('whs_1'));
      advance(600);
    }
    expect(telemetry.deliveries.map(({ attempt }) => attempt)).toEqual([1, 2, 3]);
    expect(await readRows()).toMatchObject([{ state: { S: 'waiting' }, attempts: { N: '3' } }]);
  });

  it('is dead with the reason of its dead letter, and can be tried again by a replay', async () => {
    let isBroken = true;
    const crm = aDestination({ name: 'crm' }, () =>
      isBroken ? rejected('http_status', { status: 422 }) : delivered(204),
    );
    const { deliver, deadLetters, advance, readRows } = await startFanOut(crm);
    await deliver(aMessage('whs_1'));
    expect(await readRows()).toMatchObject([
      { state: { S: 'dead' }, reason: { S: 'rejected' }, attempts: { N: '1' } },
    ]);
    expect(deadLetters).toMatchObject([{ reason: 'rejected', attempts: 1 }]);
    isBroken = false;
    advance(60);
    expect(await deliver(aMessage('whs_1'))).toEqual([]);
    expect(crm.received).toHaveLength(1);
    await deliver({ ...aMessage('whs_1'), requestedAt: '2026-03-05T10:01:00.000Z' });
    expect(await readRows()).toMatchObject([{ state: { S: 'delivered' } }]);
  });

  it('that is dead is not tried again because its record is routed again, and is for a later webhook', async () => {
    const sms = aDestination({ name: 'sms', onNoResponse: 'dead-letter' }, () =>
      retry('timeout', { maybeDelivered: true }),
    );
    const { handler, deliver, queued, deadLetters, advance } = await startFanOut(sms);
    /** Routes the message that was put on [records] then, and delivers. */
    const routeAndDeliver = async (sentAt: Date): Promise<void> => {
      await handler(aBatchOf({ sentAt }, aRecord({ id: 'whs_1' })), aContext());
      await deliver(queued.at(-1)?.message);
    };
    await routeAndDeliver(NOW);
    expect(deadLetters).toMatchObject([{ reason: 'maybe_delivered' }]);
    advance(60);
    // another destination's queue did not take the record
    await routeAndDeliver(NOW);
    expect(sms.received).toHaveLength(1);
    await routeAndDeliver(new Date(NOW.getTime() + 30_000));
    expect(sms.received).toHaveLength(2);
  });

  it('of a second record under a business key is delivered, too, since nothing is left to do', async () => {
    const crm = aDestination({ name: 'crm', deduplicateBy: () => 'one' });
    const { deliver, advance, readRows } = await startFanOut(crm);
    await deliver(aMessage('whs_1'), aMessage('whs_2'));
    advance(900);
    expect(await deliver(aMessage('whs_1'), aMessage('whs_2'))).toEqual([]);
    expect(crm.received).toHaveLength(1);
    const states = (await readRows()).map(({ id, state }) => `${id?.S?.slice(0, 8)} ${state?.S}`);
    const expected = ['business delivered', 'whs_1 delivered', 'whs_2 delivered'];
    expect(states.toSorted()).toEqual(expected);
  });

  it('does not say dead of what has no dead letter', async () => {
    let isDown = true;
    const crm = aDestination({ name: 'crm' }, () => rejected('http_status', { status: 422 }));
    const { deliver, advance, readRows } = await startFanOut(crm, aws.dynamo, {
      sendDeadLetter: async () => {
        if (isDown) throw new Error('down');
      },
    });
    expect(await deliver(aMessage('whs_1'))).toEqual(['m0']);
    expect(await readRows()).toMatchObject([{ state: { S: 'waiting' }, attempts: { N: '0' } }]);
    isDown = false;
    advance(180);
    expect(await deliver(aMessage('whs_1'))).toEqual([]);
    expect(await readRows()).toMatchObject([{ state: { S: 'dead' }, attempts: { N: '1' } }]);
  });
});

describe('a delivery that an operator released', () => {
  const release = (tableName: string, id: string) =>
    createRelease({ client: aws.dynamo, tableName, now: () => NOW }).release([id], 'crm');

  it('is made once more, also under a business key, and the log says that it was released', async () => {
    const crm = aDestination({ name: 'crm', deduplicateBy: () => 'one' });
    const { deliver, telemetry, tableName } = await startFanOut(crm);
    await deliver(aMessage('whs_1'));
    expect(await release(tableName, 'whs_1')).toMatchObject([{ status: 'released' }]);
    await deliver(aMessage('whs_1'));
    await deliver(aMessage('whs_1'));
    expect(crm.received.map(({ id }) => id)).toEqual(['whs_1', 'whs_1']);
    expect(telemetry.deliveries.map(({ status, released }) => [status, released])).toEqual([
      ['delivered', undefined],
      ['delivered', true],
      ['duplicate', undefined],
    ]);
  });

  it('lets no other record of its business key pass while it fails and waits', async () => {
    let isDown = false;
    const crm = aDestination({ name: 'crm', deduplicateBy: () => 'one' }, () =>
      isDown ? retry('http_status', { status: 503 }) : delivered(204),
    );
    const { deliver, advance, tableName, telemetry } = await startFanOut(crm);
    await deliver(aMessage('whs_1'));
    await release(tableName, 'whs_1');
    isDown = true;
    await deliver(aMessage('whs_1'));
    isDown = false;
    await deliver(aMessage('whs_2'));
    advance(900);
    await deliver(aMessage('whs_1'));
    expect(crm.received.map(({ id }) => id)).toEqual(['whs_1', 'whs_1', 'whs_1']);
    expect(telemetry.deliveries.map(({ status, released }) => [status, released])).toEqual([
      ['delivered', undefined],
      ['waiting', true],
      ['duplicate', undefined],
      ['delivered', true],
    ]);
  });
});

describe('a delivery whose person was erased', () => {
  const erase = (tableName: string, id: string) =>
    aws.dynamo.send(
      toEraseCommand(
        { tableName, historyDays: 90, now: () => NOW },
        toDeliveryKey(aRecord({ id }), 'crm'),
        {
          event: 'voucherify.x',
          webhookAt: NOW.toISOString(),
        },
      ),
    );

  it('is dropped unseen, and the log says so', async () => {
    const crm = aDestination({ name: 'crm' });
    const { deliver, telemetry, tableName, deadLetters } = await startFanOut(crm);
    await erase(tableName, 'whs_1');
    expect(await deliver(aMessage('whs_1'))).toEqual([]);
    expect([crm.received, deadLetters]).toEqual([[], []]);
    expect(telemetry.deliveries).toMatchObject([{ id: 'whs_1', status: 'erased' }]);
  });

  it('stays erased when it was being made at that moment', async () => {
    const crm = aDestination({ name: 'crm' }, async () => {
      await erase(tableName, 'whs_1');
      return retry('http_status', { status: 503 });
    });
    const { deliver, advance, readRows, tableName, telemetry } = await startFanOut(crm);
    expect(await deliver(aMessage('whs_1'))).toEqual(['m0']);
    advance(900);
    expect(await deliver(aMessage('whs_1'))).toEqual([]);
    expect(crm.received).toHaveLength(1);
    expect(await readRows()).toMatchObject([{ state: { S: 'erased' } }]);
    expect(telemetry.deliveries.map(({ status }) => status)).toEqual(['waiting', 'erased']);
  });
});
