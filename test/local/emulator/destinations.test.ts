import { afterAll, beforeAll, expect, test } from 'vitest';
import type { DeliveredRequest } from '../../../lib/local/emulator/delivered-requests.ts';
import { findDestinationQueues } from '../../../lib/local/emulator/destination-queues.ts';
import { readFixtureStack } from '../../../lib/local/emulator/fixture-stack.ts';
import {
  type LocalPipeline,
  startLocalPipeline,
} from '../../../lib/local/emulator/local-pipeline.ts';
import { MERCHANT_QUEUES } from '../../../lib/local/cli/paths.ts';
import { post } from '../../../lib/local/cli/post.ts';
import { sign, SIGNATURE_HEADER } from '../../../lib/voucherify/signature.ts';
import { LOCAL_SECRET, readBody, sample } from '../../support/samples.ts';
import { PROJECT_FOLDER } from '../support/fixture-function.ts';

const SOON = { timeout: 20_000 };

let pipeline: LocalPipeline;
const reached: DeliveredRequest[] = [];
let count = 0;

beforeAll(async () => {
  pipeline = await startLocalPipeline({
    projectFolder: PROJECT_FOLDER,
    stack: await readFixtureStack(PROJECT_FOLDER),
    consumers: MERCHANT_QUEUES,
    onRequestDelivered: (request) => reached.push(request),
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

test('a destination that hangs does not delay another: each has its own queue and mapping', async () => {
  pipeline.mockDestinations.setBehaviour('http', () => ({ kind: 'hang' }));
  const ids = [await send(), await send()];
  await expect.poll(() => countAt('http', ids), SOON).toBe(2);
  // the first attempts hang until their timeout of 5 s
  for (let more = 0; more < 20; more += 1) ids.push(await send());
  await expect.poll(() => countAt('consumers', ids), { timeout: 4_000 }).toBe(22);
  expect((await readQueueOf('http')).inFlight.length).toBeGreaterThan(0);
});
