import type { SQSBatchResponse, SQSEvent } from 'aws-lambda';
import { describe, expect, it } from 'vitest';
import { startEventSource } from './event-source.ts';
import { createLambdaFunction, type Environment } from './lambda.ts';
import { createRandom } from './random.ts';
import { createSqsQueue } from './sqs-queue.ts';
import { createVirtualClock } from './virtual-clock.ts';

const START = Date.parse('2026-03-05T09:15:04.000Z');
const SECOND_MS = 1_000;
const DONE: SQSBatchResponse = { batchItemFailures: [] };

/** A queue, its mapping and a function, whose handler a test gives. */
function aFunction(
  handle: (event: SQSEvent, environment: Environment) => Promise<SQSBatchResponse>,
  settings: { readonly batchSize?: number; readonly batchWindowSeconds?: number } = {},
) {
  const clock = createVirtualClock(START);
  const attributes = { name: 'to-crm', visibilitySeconds: 360, maxReceiveCount: 1_000 };
  const queue = createSqsQueue(clock, attributes);
  const invocations: { readonly afterMs: number; readonly size: number }[] = [];
  const fanOut = createLambdaFunction({
    clock,
    random: createRandom(1),
    createHandler: (environment) => (event) => {
      invocations.push({ afterMs: clock.nowMs() - START, size: event.Records.length });
      return handle(event, environment);
    },
  });
  const source = startEventSource(
    { clock, queue, fanOut, onDeleted: () => {} },
    {
      queueArn: 'arn:aws:sqs:us-east-1:000000000000:to-crm',
      maximumConcurrency: 2,
      batchSize: 10,
      batchWindowSeconds: 0,
      ...settings,
    },
  );
  const run = (maxSeconds = 10_000): Promise<void> => {
    const endMs = START + maxSeconds * SECOND_MS;
    return clock.run(() => queue.size() === 0 || clock.nowMs() > endMs);
  };
  return { clock, queue, fanOut, source, invocations, run };
}

describe('the model of an event source mapping', () => {
  it('has no more invocations at once than its maximum', async () => {
    const { queue, fanOut, run, invocations } = aFunction(async (_, environment) => {
      await environment.wait(SECOND_MS);
      return DONE;
    });
    queue.sendMany({ count: 40, body: String });
    await run();
    expect(invocations.map(({ size }) => size)).toEqual([10, 10, 10, 10]);
    expect(invocations.map(({ afterMs }) => afterMs)).toEqual([0, 0, 1_100, 1_100]);
    expect(fanOut.counts).toMatchObject({ maxConcurrency: 2, invocations: 4, billedMs: 4_000 });
  });

  it('fills a batch within its window, and does not wait longer', async () => {
    const { clock, queue, run, invocations } = aFunction(async () => DONE, {
      batchSize: 56,
      batchWindowSeconds: 1,
    });
    queue.sendMany({ count: 30, body: String });
    clock.at(START + 400, () => queue.sendMany({ count: 5, body: String }));
    await run();
    // the other place has taken what came later
    expect(invocations.reduce((sum, { size }) => sum + size, 0)).toBe(35);
    expect(invocations.every(({ afterMs }) => afterMs === 1_000 || afterMs === 1_400)).toBe(true);
  });

  it('deletes what was processed, and leaves what was reported to its visibility timeout', async () => {
    let rounds = 0;
    const { queue, source, run, invocations } = aFunction(async ({ Records }) => {
      rounds += 1;
      const failed = rounds === 1 ? Records.slice(0, 1) : [];
      return { batchItemFailures: failed.map(({ messageId }) => ({ itemIdentifier: messageId })) };
    });
    queue.sendMany({ count: 10, body: String });
    await run();
    expect(invocations).toEqual([
      { afterMs: 0, size: 10 },
      { afterMs: 360_000, size: 1 },
    ]);
    expect(source.counts.deletes).toBe(2);
    expect(queue.counts).toMatchObject({ received: 11, deleted: 10, maxReceives: 2 });
  });

  it('counts a receive for a batch that is throttled until its visibility timeout', async () => {
    const { clock, queue, fanOut, run } = aFunction(async () => DONE);
    fanOut.setConcurrency(0);
    clock.at(START + 1_000 * SECOND_MS, () => fanOut.setConcurrency(10));
    queue.sendMany({ count: 10, body: String });
    await run();
    expect(queue.counts).toMatchObject({ received: 30, maxReceives: 3, deleted: 10 });
    expect(clock.nowMs() - START).toBeLessThan(1_080 * SECOND_MS);
  });

  it('receives nothing while it is disabled', async () => {
    const { clock, queue, source, invocations } = aFunction(async () => DONE);
    source.setEnabled(false);
    clock.at(START + 5 * SECOND_MS, () => queue.send('one'));
    clock.at(START + 60 * SECOND_MS, () => source.setEnabled(true));
    await clock.run();
    expect(invocations).toEqual([{ afterMs: 60_000, size: 1 }]);
    expect(queue.counts).toMatchObject({ received: 1, deleted: 1 });
  });
});

describe('the model of an execution environment', () => {
  it('ends with its invocation at the timeout, and nothing that it waits for goes on', async () => {
    const seen: string[] = [];
    let isFirst = true;
    const { queue, fanOut, run } = aFunction(async (_, environment) => {
      if (!isFirst) return DONE;
      isFirst = false;
      void environment.wait(59 * SECOND_MS).then(() => seen.push('before'));
      void environment.wait(61 * SECOND_MS).then(() => seen.push('after'));
      await environment.wait(100 * SECOND_MS);
      return DONE;
    });
    queue.send('one');
    await run();
    expect(seen).toEqual(['before']);
    expect(fanOut.counts).toMatchObject({ timeouts: 1, invocations: 2 });
    expect(queue.counts.maxReceives).toBe(2);
  });

  it('makes its calls one after the other on its one processor', async () => {
    const { clock, queue, run } = aFunction(async (_, environment) => {
      const calls = [1, 2, 3].map(() => environment.call(10, 50, () => clock.nowMs() - START));
      seen.push(...(await Promise.all(calls)));
      return DONE;
    });
    const seen: number[] = [];
    queue.send('one');
    await run();
    expect(seen).toEqual([60, 70, 80]);
  });

  it('makes no call after it has ended', async () => {
    const made: string[] = [];
    let isFirst = true;
    const { queue, run } = aFunction(async (_, environment) => {
      if (!isFirst) return DONE;
      isFirst = false;
      const calls = [environment.call(5, 50, () => made.push('sent before'))];
      calls.push(environment.call(20, 50, () => made.push('not sent')));
      await environment.wait(10);
      environment.crash();
      await Promise.all(calls);
      return DONE;
    });
    queue.send('one');
    await run();
    expect(made).toEqual(['sent before']);
  });
});
