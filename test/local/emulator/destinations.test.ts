import { setTimeout as wait } from 'node:timers/promises';
import { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { listPaused, type PausedDestination } from '../../../lib/deliveries/paused-destinations.ts';
import { LOCAL_CREDENTIALS } from '../../../lib/local/emulator/create-resources.ts';
import { createRetryAccelerator } from '../../../lib/local/console/server/accelerate-retries.ts';
import type { DeliveredRequest } from '../../../lib/local/emulator/delivered-requests.ts';
import { findDestinationQueues } from '../../../lib/local/emulator/destination-queues.ts';
import { readFixtureStack } from '../../../lib/local/emulator/fixture-stack.ts';
import {
  type LocalPipeline,
  startLocalPipeline,
} from '../../../lib/local/emulator/local-pipeline.ts';
import type { MadeRequest } from '../../../lib/local/emulator/lambda/request-capture.ts';
import { MERCHANT_QUEUES } from '../../../lib/local/cli/paths.ts';
import { post } from '../../../lib/local/cli/post.ts';
import { sign, SIGNATURE_HEADER } from '../../../lib/voucherify/signature.ts';
import { LOCAL_SECRET, readBody, sample } from '../../support/samples.ts';
import { PROJECT_FOLDER } from '../support/fixture-function.ts';

const SOON = { timeout: 20_000 };

let pipeline: LocalPipeline;
const reached: DeliveredRequest[] = [];
const made: (MadeRequest & { readonly functionName: string })[] = [];
const opened: (string | undefined)[] = [];
let count = 0;

beforeAll(async () => {
  pipeline = await startLocalPipeline({
    projectFolder: PROJECT_FOLDER,
    stack: await readFixtureStack(PROJECT_FOLDER),
    consumers: MERCHANT_QUEUES,
    onRequestDelivered: (request) => reached.push(request),
    onRequestMade: ({ functionName, request }) => made.push({ functionName, ...request }),
    onLine(_line, parsed) {
      if (parsed.kind === 'error' && parsed.entry.code === 'circuit_opened')
        opened.push(parsed.entry.destination);
    },
  });
});

afterAll(async () => {
  await pipeline.stop();
});

/** Posts a webhook with a new id, which it returns. */
async function send(): Promise<string> {
  count += 1;
  const id = `whs_queue${count}`;
  const body = Buffer.from(
    readBody(sample('promotion'))
      .toString('utf8')
      .replace(/whs_\w+/, id),
  );
  const headers = { [SIGNATURE_HEADER]: sign(body, LOCAL_SECRET) };
  const response = await post(`${pipeline.httpEndpoint}/webhooks/voucherify`, headers, body);
  expect(response).toMatchObject({ status: 202, id });
  return id;
}

const countAt = (destination: string, ids: readonly string[]): number =>
  reached.filter((each) => each.destination === destination && ids.includes(each.recordId ?? ''))
    .length;
const readQueueOf = async (destination: string) =>
  pipeline.readQueue(findDestinationQueues(pipeline.stack).get(destination)?.id ?? '');

test('a delivery that failed waits hidden in its queue, and is attempted now when asked', async () => {
  pipeline.mockDestinations.setBehaviour('http', () => ({ kind: 'respond', status: 503 }));
  const id = await send();
  await expect.poll(() => countAt('http', [id]), SOON).toBe(1);
  await expect.poll(() => pipeline.functions.get('fanOut')?.countCalls().running, SOON).toBe(0);
  const { inFlight, ready } = await readQueueOf('http');
  expect([inFlight.length, ready.length]).toEqual([1, 0]);
  expect(await pipeline.waitUntilIdle(100)).toEqual({
    isIdle: false,
    busy: ['1 messages on voucher-relay-local-to-http'],
  });

  pipeline.mockDestinations.setBehaviour('http');
  expect(await pipeline.waitingDeliveries.attemptNow()).toBe(1);
  await expect.poll(() => countAt('http', [id]), SOON).toBe(2);
  expect(await pipeline.waitUntilIdle(15_000)).toEqual({ isIdle: true });
});

test('a paused destination gets nothing, what waits stays on its queue, and is delivered after the pause', async () => {
  pipeline.mockDestinations.setBehaviour('http');
  await pipeline.backlogs.pause('http');
  const ids = [await send(), await send(), await send()];
  await expect.poll(() => pipeline.backlogs.read().get('http')?.waiting, SOON).toBe(3);
  await expect.poll(() => countAt('consumers', ids), SOON).toBe(3);
  // longer than an invocation would need to start
  await wait(1_000);
  expect(countAt('http', ids)).toBe(0);
  const { waiting, inProgress, oldestSentAtMs, pausedAt } = pipeline.backlogs.read().get('http')!;
  expect([waiting, inProgress]).toEqual([3, 0]);
  expect(Date.now() - (oldestSentAtMs ?? 0)).toBeLessThan(60_000);
  expect(await listPauses()).toEqual([{ id: 'http', pausedAt, reason: null }]);

  await pipeline.backlogs.resume('http');
  await expect.poll(() => countAt('http', ids), SOON).toBe(3);
  await expect.poll(() => pipeline.backlogs.read().get('http')?.waiting, SOON).toBe(0);
  expect(pipeline.backlogs.read().get('http')).toMatchObject({ pausedAt: null });
  expect(await listPauses()).toEqual([]);
});

test('a destination that does not exist cannot be paused', async () => {
  await expect(pipeline.backlogs.pause('nobody')).rejects.toThrow(
    'There is no destination nobody here. Choose one of consumers, http.',
  );
});

test('each request of a function is reported with its response, and none of DynamoDB', async () => {
  pipeline.mockDestinations.setBehaviour('http', () => ({
    kind: 'respond',
    status: 418,
    headers: { 'x-reason': 'teapot' },
  }));
  const id = await send();
  const find = (content: string): MadeRequest | undefined =>
    made.find(
      ({ body, headers, path }) =>
        body.includes(id) && `${path} ${JSON.stringify(headers)}`.includes(content),
    );
  await expect
    .poll(() => find('/mock/http'), SOON)
    .toMatchObject({
      method: 'POST',
      path: '/mock/http',
      headers: { 'content-type': 'application/json', 'webhook-id': id },
      status: 418,
      responseHeaders: { 'x-reason': 'teapot' },
      responseBody: '',
    });
  await expect.poll(() => find('AmazonSQS.SendMessage'), SOON).toMatchObject({ status: 200 });
  pipeline.mockDestinations.setBehaviour('http', () => ({ kind: 'close' }));
  const other = await send();
  await expect
    .poll(() => made.find(({ path, body }) => path === '/mock/http' && body.includes(other)), SOON)
    .toMatchObject({ status: null });
  pipeline.mockDestinations.setBehaviour('http');
  await pipeline.waitingDeliveries.attemptNow();
  expect(await pipeline.waitUntilIdle(15_000)).toEqual({ isIdle: true });
  expect(made.filter(({ headers }) => /DynamoDB/.test(headers['x-amz-target'] ?? ''))).toEqual([]);
  expect(new Set(made.map(({ functionName }) => functionName))).toEqual(
    new Set(['receive', 'fanOut']),
  );
});

test('with time 600 times faster an open circuit, its probes and every other wait end within seconds', async () => {
  pipeline.mockDestinations.setBehaviour('http', () => ({ kind: 'respond', status: 503 }));
  opened.length = 0;
  const ids = await Promise.all(Array.from({ length: 8 }, send));
  await expect.poll(() => opened, SOON).toContain('http');
  const accelerator = createRetryAccelerator({
    waitingDeliveries: pipeline.waitingDeliveries,
    onRescheduled: () => {},
    now: Date.now,
    onError: (error) => {
      throw error;
    },
  });
  pipeline.mockDestinations.setBehaviour('http');
  accelerator.setSpeed(600);
  pipeline.setSpeed(600);
  try {
    // a circuit stays open for 15 s at least, and some of these wait a tenth of their age, 5 s at least
    expect(await pipeline.waitUntilIdle(5_000)).toEqual({ isIdle: true });
    for (const id of ids) expect(countAt('http', [id])).toBeGreaterThan(0);
  } finally {
    accelerator.stop();
    pipeline.setSpeed(1);
  }
});

test('a destination that hangs does not delay another: each has its own queue and mapping', async () => {
  pipeline.mockDestinations.setBehaviour('http', () => ({ kind: 'hang' }));
  const ids = [await send(), await send()];
  await expect.poll(() => countAt('http', ids), SOON).toBe(2);
  // the first attempts hang until their timeout of 5 s
  for (let more = 0; more < 20; more += 1) ids.push(await send());
  await expect.poll(() => countAt('consumers', ids), { timeout: 4_000 }).toBe(22);
  expect((await readQueueOf('http')).inFlight.length).toBeGreaterThan(0);
});

async function listPauses(): Promise<readonly PausedDestination[]> {
  const client = new DynamoDBClient({
    endpoint: pipeline.endpoints.dynamoEndpoint,
    region: pipeline.stack.region,
    credentials: LOCAL_CREDENTIALS,
  });
  const table = pipeline.stack.tables.find(({ id }) => id === 'DeliveriesTable');
  const paused = await listPaused(client, table?.name ?? '');
  client.destroy();
  return paused;
}
