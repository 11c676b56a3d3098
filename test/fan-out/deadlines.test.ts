import { readFileSync } from 'node:fs';
import { setTimeout as wait } from 'node:timers/promises';
import { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { EventBridgeClient } from '@aws-sdk/client-eventbridge';
import { SNSClient } from '@aws-sdk/client-sns';
import { SQSClient } from '@aws-sdk/client-sqs';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { http } from '../../lib/destinations/http.ts';
import { type DeliveryOutcome } from '../../lib/destinations/outcome.ts';
import { createSecretResolver } from '../../lib/destinations/secret.ts';
import { sns } from '../../lib/destinations/sns.ts';
import { sqs } from '../../lib/destinations/sqs.ts';
import { eventbridge } from '../../lib/destinations/eventbridge.ts';
import { createFailureQueues } from '../../lib/fan-out/failure-queues.ts';
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
import { createSqsClient } from '../../lib/platform/sqs.ts';
import { createSecretFetcher as parameterStore } from '../../lib/platform/ssm.ts';
import { readTable } from '../docs/tables.ts';
import { aRecord } from '../support/a-record.ts';
import { LOCAL_CLIENT } from '../support/aws.ts';
import { aDestination, createTestFanOut } from '../support/fan-out.ts';
import {
  type Behaviour,
  type HttpReceiver,
  neverRespond,
  startReceiver,
} from '../support/http-receiver.ts';

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

const never = async (): Promise<never> => new Promise(() => {});
const STALL_NAMES = STALLS.map(([stall]) => stall);

describe.concurrent('a service of AWS that', () => {
  const openTable = (url: string) =>
    createDeliveriesTable({
      client: createTableClient(url),
      tableName: 'deliveries',
      now: () => new Date(),
      random: Math.random,
      wait,
    });
  const rowKey = toDeliveryKey('whs_1', 'crm', '2026-03-05T09:15:04.000Z');

  it.each(STALL_NAMES)('%s cannot hold up a call to the deliveries table', async (stall) => {
    const holder = { token: 'token', remainingMs: () => 30_000 };
    const [result, ms] = await measure(() => openTable(getUrl(stall)).take(rowKey, holder));
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

  it.each(STALL_NAMES)('%s cannot hold up a retry or a dead letter', async (stall) => {
    const url = getUrl(stall);
    const { sendRetry, sendDeadLetter } = createFailureQueues(
      new SQSClient({ ...LOCAL_CLIENT, ...SEND_TIMEOUTS, endpoint: url }),
      {
        RETRIES_QUEUE_URL: `${url}/0/retries`,
        DEAD_LETTERS_QUEUE_URL: `${url}/0/dead-letters`,
      },
    );
    const retry = {
      record: aRecord(),
      destination: 'crm',
      attempt: 2,
      firstAt: '2026-03-05T10:00:00.000Z',
      notBefore: '2026-03-05T10:00:05.000Z',
      lastFailure: { reason: 'timeout', cause: null, status: null },
    } as const;
    const deadLetter: DeadLetter = { reason: 'invalid_message', issues: [], body: '', lastAt: '' };
    const [sent, ms] = await measure(() =>
      Promise.allSettled([sendRetry(retry, 0), sendDeadLetter(deadLetter)]),
    );
    expect(sent.map(({ status }) => status)).toEqual(['rejected', 'rejected']);
    expect(ms).toBeLessThan(SEND_DEADLINE_MS + SLACK_MS);
  });

  it.each(STALL_NAMES)('%s cannot hold up a delivery to a queue, topic or bus', async (stall) => {
    const url = getUrl(stall);
    const options = { timeoutMs: 300 };
    const topicArn = 'arn:aws:sns:eu-west-1:000000000000:records';
    const config = { ...LOCAL_CLIENT, ...SEND_TIMEOUTS, endpoint: url };
    const queueUrl = `${url}/0/records`;
    const destinations = [
      sqs({ ...options, name: 'q', client: new SQSClient(config), queueUrl }),
      sns({ ...options, name: 't', client: new SNSClient(config), topicArn }),
      eventbridge({ ...options, name: 'b', client: new EventBridgeClient(config), busName: 'bus' }),
    ];
    const { handle, retries } = createTestFanOut(destinations);
    const [failed, ms] = await measure(() => handle(aRecord()));
    expect(failed).toEqual([]);
    expect(retries.map(({ retry }) => retry.lastFailure.reason)).toEqual([
      'timeout',
      'timeout',
      'timeout',
    ]);
    expect(ms).toBeLessThan(options.timeoutMs + 500 + SLACK_MS);
  });
});

/** A destination whose key is in that store. */
function withSecret(read: (name: string) => Promise<string>) {
  const secret = createSecretResolver(() => read)('relay/crm');
  return http({ name: 'crm', url: 'https://example.test/', secret, onNoResponse: 'dead-letter' });
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
    const secret = createSecretResolver(
      () => async () => {
        reads += 1;
        return reads === 1 ? never() : 'token';
      },
      () => clock.now,
    )('relay/crm');
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
    const destinations = [
      aDestination({ name: 'accepts', accepts: asAny(promise) }),
      aDestination({ name: 'deduplicate', deduplicateBy: asAny(promise) }),
      http({ name: 'request', url, request: asAny(promise) }),
      http({ name: 'headers', url, headers: asAny(promise) }),
      sqs({ name: 'queue', client: createSqsClient(), queueUrl: url, request: asAny(promise) }),
    ];
    const { handle, deadLetters } = createTestFanOut(destinations);
    expect(await handle(aRecord())).toEqual([]);
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
    const crm = http({ name: 'crm', url: receiver.url, outcome: asAny(promise) });
    const { handle, deadLetters } = createTestFanOut([crm]);
    await handle(aRecord());
    expect(deadLetters).toMatchObject([
      { lastFailure: { reason: 'outcome_threw', cause: 'PromiseReturnedError', status: 204 } },
    ]);
    expect(receiver.received).toHaveLength(1);
    await receiver.stop();
  });

  it('is left behind when a destination of your own never settles', async () => {
    const hanging = aDestination({ name: 'own', timeoutMs: 100 }, never);
    const { handle, retries } = createTestFanOut([hanging]);
    const [failed, ms] = await measure(() => handle(aRecord()));
    expect(failed).toEqual([]);
    expect(retries).toMatchObject([{ retry: { lastFailure: { reason: 'timeout' } } }]);
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
    ['a retry or a dead letter that is being stored', SEND_DEADLINE_MS],
    ['a secret', SECRET_DEADLINE_MS],
  ])('has the deadline of %s', (what, ms) => {
    const row = rows.find((line) => line.startsWith(`| ${what}`));
    expect(row).toContain(`| ${ms / 1_000} s`);
  });
});
