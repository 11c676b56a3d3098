import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { formatBatchLine, parseBatchLine } from './batch-log-line.ts';
import { createSeededRandom } from './seeded-random.ts';
import { toChaosStack } from './chaos-stack.ts';
import { parseMessage } from './parse-message.ts';
import { sendWebhooks } from './webhook-sender.ts';
import { createWebhookFactory } from './webhooks.ts';
import {
  type LoopbackServer,
  startLoopbackServer,
} from '../../lib/local/emulator/http/loopback-server.ts';
import { describeStack } from '../../lib/local/emulator/stack.ts';
import { EVENTS_FOLDER } from '../../lib/local/cli/paths.ts';
import { readWebhookSamples } from '../../lib/local/cli/samples.ts';
import { aBatch } from '../support/lambda.ts';
import { fixtureConfiguration } from '../local/support/configuration.ts';

const record = { id: 'whs_1', type: 'x' };
const lastFailure = { reason: 'f', status: 503 };

describe('the content of a queue message', () => {
  it.each([
    ['a record', record, null, null, null],
    ['a delivery', { record, destination: 'crm', requestedAt: 'z' }, 'crm', null, null],
    [
      'a dead letter',
      { record, destination: 'crm', reason: 'r', lastFailure },
      'crm',
      'r',
      lastFailure,
    ],
    [
      'an unrouted one',
      { record, destination: null, reason: 'r', lastFailure: null },
      null,
      'r',
      null,
    ],
  ])('is read from %s', (_what, message, destination, reason, failure) => {
    const parsed = { recordId: 'whs_1', destination, reason, lastFailure: failure };
    expect(parseMessage(JSON.stringify(message))).toEqual(parsed);
  });

  it.each(['not JSON', '{}', '[]'])('is null for %s', (body) => {
    expect(parseMessage(body)).toBeNull();
  });

  it('has the record ids that fanOut logs before it begins a batch', () => {
    const batch = aBatch(record, { record, destination: 'crm', reason: 'r', lastFailure });
    expect(parseBatchLine(formatBatchLine(batch))).toEqual(['whs_1', 'whs_1']);
    expect(parseBatchLine('{"message":"delivery"}')).toBeNull();
  });
});

describe('the webhook sender', () => {
  let server: LoopbackServer;
  let posts: number;
  const statuses: number[] = [];

  beforeEach(async () => {
    posts = 0;
    server = await startLoopbackServer(0, (request, response) => {
      posts += 1;
      request.resume();
      response.writeHead(statuses.shift() ?? 202).end('{"status":"queued","id":"whs_1"}');
    });
  });
  afterEach(() => server.stop());

  async function send(random: () => number) {
    const acknowledged: unknown[] = [];
    await sendWebhooks(
      {
        url: server.endpoint,
        random,
        makeWebhook: () => ({ body: Buffer.from('{}'), headers: {} }),
        onAcknowledged: (...details) => acknowledged.push(details),
        onGivenUp: () => acknowledged.push('given up'),
      },
      1,
    );
    return acknowledged;
  }

  it('posts a rejected webhook again until it is acknowledged', async () => {
    statuses.push(503, 500);
    expect(await send(() => 0.9)).toEqual([['whs_1', 'queued', true]]);
    expect(posts).toBe(3);
  });

  it('sometimes posts an acknowledged webhook again', async () => {
    expect(await send(() => 0)).toEqual([
      ['whs_1', 'queued', false],
      ['whs_1', 'queued', true],
    ]);
  });
});

it('webhooks are the same in every run with one seed, and each has its own id', async () => {
  const samples = await readWebhookSamples(EVENTS_FOLDER);
  const first = createWebhookFactory(samples, createSeededRandom(1));
  const second = createWebhookFactory(samples, createSeededRandom(1));
  const numbers = Array.from({ length: 200 }, (_, n) => n);
  const bodies = numbers.map((n) => first(n).body.toString());
  expect(numbers.map((n) => second(n).body.toString())).toEqual(bodies);
  expect(new Set(bodies).size).toBe(numbers.length);
});

describe('the stack of a run', () => {
  const stack = describeStack(fixtureConfiguration());
  const settings = {
    scheduleDivisor: 120,
    timeoutMs: 1_000,
    timeoutSeconds: 7,
    visibilityTimeoutSeconds: 9,
    recordsConcurrency: 5,
    deliveriesConcurrency: 4,
  };
  const receiveStack = {
    ...stack,
    functions: stack.functions.map((each) => ({ ...each, name: 'receive' })),
  };

  it('sends the functions to the proxies, by their queue URLs and by the SDK', () => {
    const sqsEndpoint = 'http://127.0.0.1:1';
    const dynamoEndpoint = 'http://127.0.0.1:2';
    const { functions } = toChaosStack(receiveStack, { ...settings, sqsEndpoint, dynamoEndpoint });
    expect(functions[0]?.environment).toMatchObject({
      INBOX_URL: 'http://127.0.0.1:1/000000000000/letters-local-inbox',
      LIMIT: '3',
      AWS_ENDPOINT_URL_SQS: sqsEndpoint,
      AWS_ENDPOINT_URL_DYNAMODB: dynamoEndpoint,
    });
  });

  it('without proxies keeps the environment', () => {
    const { functions } = toChaosStack(receiveStack, {
      ...settings,
      sqsEndpoint: null,
      dynamoEndpoint: null,
    });
    expect(functions[0]?.environment).toEqual(stack.functions[0]?.environment);
  });
});
