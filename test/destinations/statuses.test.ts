import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createHttpDestination } from '../../lib/destinations/http-destination.ts';
import { aRecord } from '../support/a-record.ts';
import { type HttpReceiver, startReceiver } from '../support/http-receiver.ts';

/** The receiver responds as the path of the request says: `/<status>/<characters of the body>`. */
let receiver: HttpReceiver;
beforeAll(async () => {
  receiver = await startReceiver(({ path }, response) => {
    const [, status = '', length = ''] = path.split('/');
    response.writeHead(Number(status)).end('x'.repeat(Number(length)));
  });
});
afterAll(() => receiver.stop());

const deliver = (status: number, bodyLength = 0) => {
  const url = new URL(`/${status}/${bodyLength}`, receiver.url).href;
  const context = { now: new Date(), signal: AbortSignal.timeout(5_000) };
  return createHttpDestination({ name: 'crm', url }).deliver(aRecord(), context);
};

/** Every status at which the outcome changes, with those on both sides of it. */
const STATUSES: readonly (readonly [string, readonly number[]])[] = [
  ['delivered', [200, 201, 204, 298, 299]],
  ['rejected', [300, 301, 399, 400, 402, 404, 407, 409, 411, 424, 426, 428, 430, 498, 499]],
  ['rejected, with the alert destination_gone', [410]],
  ['retry, with the alert credentials_rejected', [401, 403]],
  ['retry', [408, 425, 500, 501, 503, 599]],
  ['retry, without a used attempt', [429]],
];

describe.each(STATUSES)('the outcome is %s', (outcome, statuses) => {
  it.each(statuses)('for the status %i', async (status) => {
    const result = await deliver(status);
    const alert =
      'alert' in result && result.alert !== null ? `, with the alert ${result.alert}` : '';
    const isUncounted = result.kind === 'retry' && !result.countsAsAttempt;
    expect(`${result.kind}${alert}${isUncounted ? ', without a used attempt' : ''}`).toBe(outcome);
    expect(result.status).toBe(status);
  });
});

it.each([300, 399, 404, 500])(
  'the body of the status %i is kept, although it is late',
  async (status) => {
    const late = await startReceiver((_request, response) => {
      response.writeHead(status).flushHeaders();
      setTimeout(() => response.end('why'), 50);
    });
    const context = { now: new Date(), signal: AbortSignal.timeout(5_000) };
    const outcome = await createHttpDestination({ name: 'crm', url: late.url }).deliver(
      aRecord(),
      context,
    );
    await late.stop();
    expect(outcome).toMatchObject({ status, responseBody: 'why' });
  },
);

it.each([
  [4_096, 1],
  [4_097, 2],
])(
  'two deliveries with bodies of %i characters open %i connections',
  async (length, connections) => {
    const kept = await startReceiver((_request, response) => void response.end('x'.repeat(length)));
    const destination = createHttpDestination({ name: 'crm', url: kept.url });
    for (const _ of [1, 2]) {
      await destination.deliver(aRecord(), { now: new Date(), signal: AbortSignal.timeout(5_000) });
      // the connection is free when its body has been read
      await new Promise((resolve) => setTimeout(resolve, 50));
    }
    expect(kept.connections()).toBe(connections);
    await kept.stop();
  },
);

it.each([
  [299, 299],
  [300, 300],
  [301, 300],
])('of a body of %i characters, %i are kept', async (sent, kept) => {
  expect(await deliver(422, sent)).toMatchObject({ responseBody: 'x'.repeat(kept) });
});
