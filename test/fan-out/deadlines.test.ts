import { readFileSync } from 'node:fs';
import { setTimeout as wait } from 'node:timers/promises';
import { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { EventBridgeClient } from '@aws-sdk/client-eventbridge';
import { SNSClient } from '@aws-sdk/client-sns';
import { SQSClient } from '@aws-sdk/client-sqs';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { createEventBridgeDestination } from '../../lib/destinations/eventbridge.ts';
import { createHttpDestination } from '../../lib/destinations/http-destination.ts';
import { type DeliveryOutcome } from '../../lib/destinations/outcome.ts';
import { createSecret, createSecretReference } from '../../lib/destinations/secret.ts';
import { createSnsDestination } from '../../lib/destinations/sns.ts';
import { createSqsDestination } from '../../lib/destinations/sqs.ts';
import type { Destination } from '../../lib/destinations/destination.ts';
import { createFanOutQueues } from '../../lib/fan-out/queues.ts';
import { createDeliveriesTable } from '../../lib/deliveries/deliveries-table.ts';
import { toDeliveryKey } from '../../lib/deliveries/row.ts';
import type { DeadLetter } from '../../lib/fan-out/queue-messages.ts';
import {
  TABLE_DEADLINE_MS,
  TABLE_TIMEOUTS,
  SECRET_DEADLINE_MS,
  SEND_DEADLINE_MS,
  SEND_TIMEOUTS,
} from '../../lib/platform/aws-timeouts.ts';
import { createSecretFetcher as secretsManager } from '../../lib/platform/secrets-manager.ts';
import { createSecretFetcher as parameterStore } from '../../lib/platform/ssm.ts';
import { readTable } from '../docs/tables.ts';
import { aRecord, aVoucher } from '../support/a-record.ts';
import { LOCAL_CLIENT } from '../support/aws.ts';
import { aDelivery, aDestination, createTestFanOut } from '../support/fan-out.ts';
import {
  type Behaviour,
  type HttpReceiver,
  neverRespond,
  startReceiver,
} from '../support/http-receiver.ts';
import { aBatchOf, aContext } from '../support/lambda.ts';

/** What a busy machine may add. Without a deadline of ours, each of these would wait for ever. */
const SLACK_MS = 5_000;

/** The ways in which a service can keep the AWS SDK waiting. The SDK's own timeouts end only the first. */
const STALLS: readonly (readonly [string, Behaviour])[] = [
  ['never responds', neverRespond],
  [
    'never ends its response',
    (_request, response) => {
      response.writeHead(200, { 'content-type': 'application/x-amz-json-1.0' });
      const timer = setInterval(() => response.write(' '), 50);
      response.on('close', () => clearInterval(timer));
    },
  ],
  [
    'asks to be tried again in an hour',
    (_request, response) => {
      response.writeHead(503, { 'retry-after': '3600', 'x-amz-retry-after': '3600000' }).end('{}');
    },
  ],
];

const services = new Map<string, HttpReceiver>();
const getUrl = (stall: string): string => new URL(services.get(stall)?.url ?? '').origin;
beforeAll(async () => {
  for (const [stall, behave] of STALLS) services.set(stall, await startReceiver(behave));
  vi.stubEnv('AWS_REGION', 'eu-west-1');
  vi.stubEnv('AWS_ACCESS_KEY_ID', 'local');
  vi.stubEnv('AWS_SECRET_ACCESS_KEY', 'local');
});
afterAll(async () => {
  vi.unstubAllEnvs();
  await Promise.all([...services.values()].map(({ stop }) => stop()));
});

async function measure<Value>(run: () => Promise<Value>): Promise<readonly [Value, number]> {
  const startedAt = performance.now();
  return [await run(), performance.now() - startedAt];
}

function createTableClient(endpoint: string): DynamoDBClient {
  return new DynamoDBClient({ ...LOCAL_CLIENT, ...TABLE_TIMEOUTS, endpoint });
}

const RECORD = aRecord({ data: { voucher: aVoucher({ expiresAt: null }) } });

/** Routes the record and delivers it to these destinations, in real time; what is left of it stays. */
function startFanOut(destinations: readonly Destination[]) {
  const { handler, ...fanOut } = createTestFanOut(destinations);
  const endsAtMs = Date.now() + 60_000;
  const context = () => aContext(() => endsAtMs - Date.now());
  const deliver = async ({ id }: Destination): Promise<number> => {
    const queueArn = `arn:aws:sqs:eu-west-1:000000000000:voucher-relay-test-to-${id}`;
    const event = aBatchOf({ queueArn, sentAt: new Date() }, aDelivery(RECORD, id));
    return (await handler(event, context())).batchItemFailures.length;
  };
  return {
    ...fanOut,
    route: async () => handler(aBatchOf({}, RECORD), context()),
    /** Returns how many messages stay on the queue of each. */
    deliver: async () => Promise.all(destinations.map(deliver)),
    lastFailures: () =>
      [...fanOut.deliveries.rows.values()].map(({ lastFailure }) => lastFailure?.reason),
  };
}

const never = async (): Promise<never> => new Promise(() => {});
const STALL_NAMES = STALLS.map(([stall]) => stall);

describe.concurrent('a service of AWS that', () => {
  const openTable = (url: string) =>
    createDeliveriesTable({
      client: createTableClient(url),
      tableName: 'deliveries',
      historyDays: 90,
      now: () => new Date(),
      random: Math.random,
      wait,
    });
  const rowKey = toDeliveryKey(RECORD, 'crm');
  const times = { requestedAt: '2026-03-05T09:15:04.000Z' };

  it.each(STALL_NAMES)('%s cannot hold up a call to the deliveries table', async (stall) => {
    const holder = { token: 'token', remainingMs: () => 30_000 };
    const [result, ms] = await measure(() => openTable(getUrl(stall)).take(rowKey, holder, times));
    expect(result).toMatchObject({ kind: 'deliveries_unavailable' });
    expect(ms).toBeLessThan(TABLE_DEADLINE_MS + SLACK_MS);
  });

  it.each(STALL_NAMES)(
    '%s cannot hold the finishing write beyond the invocation',
    async (stall) => {
      const startedMs = Date.now();
      const holder = { token: 'token', remainingMs: () => startedMs + 4_000 - Date.now() };
      const row = { key: rowKey, holder };
      const [result, ms] = await measure(() =>
        openTable(getUrl(stall)).finish(row, {
          state: 'delivered',
          attempts: 1,
          firstAt: new Date(startedMs),
        }),
      );
      expect(result).toMatchObject({ kind: 'not_written' });
      expect(ms).toBeLessThan(4_000 + SLACK_MS);
    },
  );

  it.each(STALL_NAMES)(
    '%s cannot hold up what is put on a queue, or hidden on it',
    async (stall) => {
      const url = getUrl(stall);
      const queues = createFanOutQueues(
        new SQSClient({ ...LOCAL_CLIENT, ...SEND_TIMEOUTS, endpoint: url }),
        {
          RECORDS_QUEUE_URL: `${url}/0/records`,
          DESTINATION_QUEUES_URL: `${url}/0/relay-to-`,
          DEAD_LETTERS_QUEUE_URL: `${url}/0/dead-letters`,
        },
      );
      const deadLetter: DeadLetter = {
        reason: 'invalid_message',
        issues: [],
        body: '',
        lastAt: '',
      };
      const [[routed, ...others], ms] = await measure(() =>
        Promise.allSettled([
          queues.sendDeliveries('crm', [{ body: '{}', groupId: 'group' }]),
          queues.sendDeadLetter(deadLetter),
          queues.hide('crm', [{ receiptHandle: 'handle', seconds: 5 }]),
        ]),
      );
      expect(routed).toMatchObject({ status: 'fulfilled', value: [{ kind: 'failed' }] });
      expect(others.map(({ status }) => status)).toEqual(['rejected', 'rejected']);
      expect(ms).toBeLessThan(SEND_DEADLINE_MS + SLACK_MS);
    },
  );

  it.each(STALL_NAMES)('%s cannot hold up a delivery to a queue, topic or bus', async (stall) => {
    const url = getUrl(stall);
    const options = { timeoutMs: 300 };
    const topicArn = 'arn:aws:sns:eu-west-1:000000000000:records';
    const config = { ...LOCAL_CLIENT, ...SEND_TIMEOUTS, endpoint: url };
    const queueUrl = `${url}/0/records`;
    const { deliver, lastFailures } = startFanOut([
      createSqsDestination({ ...options, name: 'q', client: new SQSClient(config), queueUrl }),
      createSnsDestination({ ...options, name: 't', client: new SNSClient(config), topicArn }),
      createEventBridgeDestination({
        ...options,
        name: 'b',
        client: new EventBridgeClient(config),
        busName: 'bus',
      }),
    ]);
    const [staying, ms] = await measure(deliver);
    expect(staying).toEqual([1, 1, 1]);
    expect(lastFailures()).toEqual(['timeout', 'timeout', 'timeout']);
    expect(ms).toBeLessThan(options.timeoutMs + 500 + SLACK_MS);
  });
});

/** The secret of crm, which is in that store. */
function secretIn(read: (name: string) => Promise<string>, now?: () => Date) {
  const reference = createSecretReference('secret', 'relay/crm', () => read);
  const sqs = new SQSClient(LOCAL_CLIENT);
  const runtime = { environment: { CRM_SECRET: 'relay/crm' }, sqs };
  return createSecret(reference, 'CRM_SECRET', runtime, now);
}

/** A destination whose key is in that store. */
function withSecret(read: (name: string) => Promise<string>) {
  return createHttpDestination({
    name: 'crm',
    url: 'https://example.test/',
    secret: secretIn(read),
    onNoResponse: 'dead-letter',
  });
}

describe.concurrent('a secret', () => {
  const attempt = (timeoutMs: number) => ({
    now: new Date(),
    signal: AbortSignal.timeout(timeoutMs),
  });
  const UNAVAILABLE = {
    kind: 'retry',
    reason: 'secret_unavailable',
    cause: 'TimeoutError',
    alert: 'secret_unavailable',
    maybeDelivered: false,
  };

  it.each([
    ['Secrets Manager', secretsManager],
    ['Systems Manager', parameterStore],
  ])('in %s that never arrives whole makes the delivery wait', async (_store, createFetcher) => {
    vi.stubEnv('AWS_ENDPOINT_URL', getUrl('never ends its response'));
    const [outcome, ms] = await measure<DeliveryOutcome>(() =>
      withSecret(createFetcher()).deliver(aRecord(), attempt(20_000)),
    );
    expect(outcome).toMatchObject(UNAVAILABLE);
    expect(ms).toBeLessThan(SECRET_DEADLINE_MS + SLACK_MS);
  });

  it('in a store of your own that never settles makes the delivery wait', async () => {
    const [outcome, ms] = await measure(() =>
      withSecret(never).deliver(aRecord(), attempt(20_000)),
    );
    expect(outcome).toMatchObject(UNAVAILABLE);
    expect(ms).toBeLessThan(SECRET_DEADLINE_MS + SLACK_MS);
  });

  it('that never settles makes the delivery wait for the timeout of the attempt at most', async () => {
    const [outcome, ms] = await measure(() => withSecret(never).deliver(aRecord(), attempt(200)));
    expect(outcome).toMatchObject(UNAVAILABLE);
    expect(ms).toBeLessThan(200 + SLACK_MS);
  });

  it('whose read never settled is read again later', async () => {
    let reads = 0;
    const clock = { now: new Date('2026-03-05T10:00:00.000Z') };
    const secret = secretIn(
      async () => {
        reads += 1;
        return reads === 1 ? never() : 'token';
      },
      () => clock.now,
    );
    await expect(secret()).rejects.toThrow('The secret cannot be read');
    clock.now = new Date(clock.now.getTime() + 60_000);
    expect(await secret()).toBe('token');
  });
});

describe("a merchant's own code that is asynchronous by mistake", () => {
  // a promise is what the compiler rejects and JavaScript, or `any`, lets through
  const asAny = (value: unknown) => value as never;
  const PROMISES: readonly (readonly [string, () => unknown])[] = [
    ['settles', async () => true],
    ['rejects', async () => Promise.reject(new Error('late'))],
    ['never settles', never],
  ];

  it.each(PROMISES)('becomes a dead letter at once when it %s', async (_what, promise) => {
    const url = 'https://example.test/';
    const client = new SQSClient(LOCAL_CLIENT);
    const { route, deliver, queued, deadLetters } = startFanOut([
      aDestination({ name: 'accepts', accepts: asAny(promise) }),
      aDestination({ name: 'deduplicate', deduplicateBy: asAny(promise) }),
      createHttpDestination({ name: 'request', url, request: asAny(promise) }),
      createHttpDestination({ name: 'headers', url, headers: asAny(promise) }),
      createSqsDestination({ name: 'queue', client, queueUrl: url, request: asAny(promise) }),
    ]);
    await route();
    expect(queued.map(({ queue }) => queue)).not.toContain('accepts');
    // what the destination accepted before its code was changed
    expect(await deliver()).toEqual([0, 0, 0, 0, 0]);
    const failures = deadLetters.map((letter) =>
      'destination' in letter ? [letter.destination, letter.lastFailure] : [],
    );
    const because = (reason: string) => ({ reason, cause: 'PromiseReturnedError', status: null });
    expect(Object.fromEntries(failures)).toEqual({
      accepts: because('accepts_threw'),
      deduplicate: because('deduplicate_by_threw'),
      request: because('deliver_threw'),
      headers: because('deliver_threw'),
      queue: because('deliver_threw'),
    });
  });

  it.each(PROMISES)('is not an outcome when it %s', async (_what, promise) => {
    const receiver = await startReceiver();
    const crm = createHttpDestination({ name: 'crm', url: receiver.url, outcome: asAny(promise) });
    const { deliver, deadLetters } = startFanOut([crm]);
    await deliver();
    expect(deadLetters).toMatchObject([
      { lastFailure: { reason: 'outcome_threw', cause: 'PromiseReturnedError', status: 204 } },
    ]);
    expect(receiver.received).toHaveLength(1);
    await receiver.stop();
  });

  it('is left behind when a destination of your own never settles', async () => {
    const { deliver, lastFailures } = startFanOut([
      aDestination({ name: 'own', timeoutMs: 100 }, never),
    ]);
    const [staying, ms] = await measure(deliver);
    expect(staying).toEqual([1]);
    expect(lastFailures()).toEqual(['timeout']);
    expect(ms).toBeLessThan(100 + 500 + SLACK_MS);
  });
});

describe('the table of deadlines in docs/guarantees.md', () => {
  const rows = readTable(
    readFileSync('docs/guarantees.md', 'utf8'),
    '| fanOut waits for | at most | then |',
  );

  it.each([
    ['one call to the deliveries table', TABLE_DEADLINE_MS],
    [
      'a delivery that is being routed, a dead letter that is being stored, a message that is being hidden',
      SEND_DEADLINE_MS,
    ],
    ['a secret', SECRET_DEADLINE_MS],
  ])('has the deadline of %s', (what, ms) => {
    const row = rows.find((line) => line.startsWith(`| ${what}`));
    expect(row).toContain(`| ${ms / 1_000} s`);
  });
});
