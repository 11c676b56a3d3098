import { setTimeout as wait } from 'node:timers/promises';
import {
  CreateQueueCommand,
  ReceiveMessageCommand,
  SendMessageBatchCommand,
  SendMessageCommand,
  SQSClient,
} from '@aws-sdk/client-sqs';
import type { SQSEvent } from 'aws-lambda';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import type { QueueSource } from '../../../../lib/local/emulator/serverless-config/events.ts';
import {
  type AwsEmulators,
  startAwsEmulators,
} from '../../../../lib/local/emulator/aws-emulators.ts';
import {
  type EventSource,
  startEventSource,
} from '../../../../lib/local/emulator/lambda/event-source.ts';
import type { InvocationResult } from '../../../../lib/local/emulator/lambda/invocation.ts';
import { createSourceQueue } from '../../../../lib/local/emulator/lambda/source-queue.ts';
import { LOCAL_REGION, buildQueueUrl } from '../../../../lib/local/emulator/local-addresses.ts';
import { readQueueContents } from '../../../../lib/local/emulator/queue-contents.ts';

/** How long to wait for an event on a busy machine. */
const SOON = { timeout: 15_000 };

type Respond = (event: SQSEvent) => InvocationResult | Promise<InvocationResult>;

const toArn = (name: string): string => `arn:aws:sqs:${LOCAL_REGION}:000000000000:${name}`;
const success: InvocationResult = { kind: 'returned', payload: null };
const failMessages = (event: SQSEvent, ...bodies: string[]): InvocationResult => ({
  kind: 'returned',
  payload: {
    batchItemFailures: event.Records.filter(({ body }) => bodies.includes(body)).map(
      ({ messageId }) => ({ itemIdentifier: messageId }),
    ),
  },
});

let emulators: AwsEmulators;
let client: SQSClient;
let count = 0;
let name = '';
let sources: EventSource[] = [];
let calls: string[][] = [];
let errors: string[] = [];

beforeAll(async () => {
  emulators = await startAwsEmulators();
  client = new SQSClient({
    endpoint: emulators.sqsEndpoint,
    region: LOCAL_REGION,
    credentials: { accessKeyId: 'local', secretAccessKey: 'local' },
  });
});

beforeEach(async () => {
  count += 1;
  name = `letters-${count}`;
  calls = [];
  errors = [];
  await client.send(new CreateQueueCommand({ QueueName: `${name}-dead` }));
  await client.send(
    new CreateQueueCommand({
      QueueName: name,
      Attributes: {
        VisibilityTimeout: '1',
        RedrivePolicy: JSON.stringify({
          deadLetterTargetArn: toArn(`${name}-dead`),
          maxReceiveCount: 2,
        }),
      },
    }),
  );
});

afterEach(async () => {
  await Promise.all(sources.map((source) => source.stop()));
  sources = [];
});

afterAll(async () => {
  await emulators.stop();
});

function startReading(
  respond: Respond,
  changes: Partial<QueueSource> = {},
  concurrency = 2,
): EventSource {
  const source = {
    queueArn: toArn(name),
    batchSize: 10,
    batchingWindowSeconds: 0,
    reportsItemFailures: true,
    maximumConcurrency: null,
    ...changes,
  };
  const queue = createSourceQueue(
    client,
    buildQueueUrl(emulators.sqsEndpoint, name),
    toArn(name),
    LOCAL_REGION,
  );
  const started = startEventSource(
    {
      queue,
      invoke: async (event) => {
        calls.push(event.Records.map(({ body }) => body));
        return {
          functionName: 'reader',
          requestId: '',
          environmentId: '',
          coldStart: false,
          event,
          startedAtMs: 0,
          durationMs: 0,
          result: await respond(event),
        };
      },
      onError: (text) => errors.push(text),
    },
    source,
    concurrency,
  );
  sources.push(started);
  return started;
}

async function send(...bodies: string[]): Promise<void> {
  await client.send(
    new SendMessageBatchCommand({
      QueueUrl: buildQueueUrl(emulators.sqsEndpoint, name),
      Entries: bodies.map((body, index) => ({ Id: String(index), MessageBody: body })),
    }),
  );
}

async function listRemaining(queue = name): Promise<string[]> {
  const { ready, delayed, inFlight } = await readQueueContents(
    emulators.sqsEndpoint,
    queue,
    Date.now(),
  );
  return [...ready, ...delayed, ...inFlight].map(({ body }) => body).sort();
}

describe('a batch', () => {
  test('is deleted when all its messages succeeded', async () => {
    await send('a', 'b', 'c');
    startReading(() => success);
    await expect.poll(() => listRemaining(), SOON).toEqual([]);
    expect(calls).toEqual([['a', 'b', 'c']]);
  });

  test('has no more messages than the batch size', async () => {
    await send('a', 'b', 'c', 'd', 'e');
    startReading(() => success, { batchSize: 2 });
    await expect.poll(() => listRemaining(), SOON).toEqual([]);
    expect(calls.map((batch) => batch.length)).toEqual([2, 2, 1]);
  });

  test('collects more messages within its window than one receive returns', async () => {
    const all = Array.from({ length: 13 }, (_, n) => `m${n}`);
    await send(...all.slice(0, 10));
    startReading(() => success, { batchSize: 13, batchingWindowSeconds: 20 });
    await send(...all.slice(10));
    await expect.poll(() => listRemaining(), SOON).toEqual([]);
    expect(calls).toEqual([all]);
  });

  test('is passed on when its window ends', async () => {
    await send('a', 'b');
    startReading(() => success, { batchSize: 100, batchingWindowSeconds: 0.3 });
    await expect.poll(() => listRemaining(), SOON).toEqual([]);
    expect(calls).toEqual([['a', 'b']]);
  });

  test('that is larger than an event can be is split', async () => {
    const large = Array.from({ length: 7 }, (_, n) => String(n).repeat(1_000_000));
    for (const body of large) await send(body);
    startReading(() => success);
    await expect.poll(() => listRemaining(), SOON).toEqual([]);
    expect(calls.map((batch) => batch.length)).toEqual([6, 1]);
  });
});

describe('an event', () => {
  test("has the form of Lambda's event", async () => {
    await client.send(
      new SendMessageCommand({
        QueueUrl: buildQueueUrl(emulators.sqsEndpoint, name),
        MessageBody: 'a',
        MessageAttributes: {
          kind: { DataType: 'String', StringValue: 'spring' },
          bytes: { DataType: 'Binary', BinaryValue: Buffer.from('xyz') },
        },
      }),
    );
    const events: SQSEvent[] = [];
    startReading((event) => {
      events.push(event);
      return success;
    });
    await expect.poll(() => events.length, SOON).toBe(1);
    const digits = expect.stringMatching(/^\d{13}$/) as string;
    expect(events[0]?.Records).toEqual([
      {
        messageId: expect.stringMatching(/^[0-9a-f-]{36}$/) as string,
        receiptHandle: expect.any(String) as string,
        body: 'a',
        attributes: {
          ApproximateReceiveCount: '1',
          SentTimestamp: digits,
          ApproximateFirstReceiveTimestamp: digits,
          SenderId: '000000000000',
        },
        messageAttributes: {
          kind: {
            dataType: 'String',
            stringValue: 'spring',
            stringListValues: [],
            binaryListValues: [],
          },
          bytes: {
            dataType: 'Binary',
            binaryValue: 'eHl6',
            stringListValues: [],
            binaryListValues: [],
          },
        },
        md5OfBody: '0cc175b9c0f1b6a831c399e269772661',
        md5OfMessageAttributes: expect.stringMatching(/^[0-9a-f]{32}$/) as string,
        eventSource: 'aws:sqs',
        eventSourceARN: toArn(name),
        awsRegion: LOCAL_REGION,
      },
    ]);
  });
});

describe('a message that failed', () => {
  test('stays on the queue when it is reported, and is received again after the visibility timeout', async () => {
    await send('a', 'b', 'c');
    startReading((event) => (calls.length === 1 ? failMessages(event, 'b') : success));
    await expect.poll(() => calls.length, SOON).toBe(2);
    await expect.poll(() => listRemaining(), SOON).toEqual([]);
    expect(calls).toEqual([['a', 'b', 'c'], ['b']]);
  });

  const wholeFailures: [string, InvocationResult][] = [
    ['a thrown error', { kind: 'threw', error: { type: 'Error', message: 'no', stack: [] } }],
    [
      'an unknown id',
      { kind: 'returned', payload: { batchItemFailures: [{ itemIdentifier: 'nobody' }] } },
    ],
  ];
  test.each(wholeFailures)('stays with its whole batch after %s', async (_case, result) => {
    await send('a', 'b');
    startReading(() => (calls.length === 1 ? result : success));
    await expect.poll(() => calls.length, SOON).toBe(2);
    await expect.poll(() => listRemaining(), SOON).toEqual([]);
    expect(calls).toEqual([
      ['a', 'b'],
      ['a', 'b'],
    ]);
    expect(errors).toEqual([expect.stringContaining('A batch of 2 stays on its queue')]);
  });

  test('goes to the dead-letter queue after maxReceiveCount receives', async () => {
    await send('good', 'bad');
    startReading((event) => failMessages(event, 'bad'));
    await expect.poll(() => listRemaining(`${name}-dead`), SOON).toEqual(['bad']);
    expect(await listRemaining()).toEqual([]);
    expect(calls).toEqual([['good', 'bad'], ['bad']]);
  });
});

describe('batches at once', () => {
  test('are no more than the concurrency', async () => {
    await send('a', 'b', 'c', 'd', 'e', 'f');
    let running = 0;
    let maxRunning = 0;
    startReading(
      async () => {
        running += 1;
        maxRunning = Math.max(maxRunning, running);
        await new Promise((resolve) => setTimeout(resolve, 30));
        running -= 1;
        return success;
      },
      { batchSize: 1 },
      2,
    );
    await expect.poll(() => listRemaining(), SOON).toEqual([]);
    expect(maxRunning).toBe(2);
    expect(calls).toHaveLength(6);
  });
});

describe('stopping', () => {
  test('waits until the running batch is processed', async () => {
    await send('a');
    const call = Promise.withResolvers<InvocationResult>();
    const source = startReading(() => call.promise);
    await expect.poll(() => calls.length, SOON).toBe(1);
    const stopped = source.stop();
    call.resolve(success);
    await stopped;
    expect(await listRemaining()).toEqual([]);
  });

  test('receives nothing more: later messages are visible to others at once', async () => {
    const source = startReading(() => success);
    await source.stop();
    await send('later');
    const QueueUrl = buildQueueUrl(emulators.sqsEndpoint, name);
    const { Messages } = await client.send(
      new ReceiveMessageCommand({ QueueUrl, WaitTimeSeconds: 5 }),
    );
    expect(Messages?.map(({ Body }) => Body)).toEqual(['later']);
    expect(calls).toEqual([]);
  });
});

test('a queue that cannot be read is reported, and read again', async () => {
  name = `late-${name}`;
  startReading(() => success);
  await expect.poll(() => errors.length, SOON).toBeGreaterThan(0);
  await client.send(new CreateQueueCommand({ QueueName: name }));
  await send('a');
  await expect.poll(() => calls, SOON).toEqual([['a']]);
});

describe('a paused source', () => {
  test('leaves messages on the queue, also those of a receive that was open, until it is resumed', async () => {
    const source = startReading(() => success);
    source.setPaused(true);
    await send('a');
    await expect.poll(() => listRemaining()).toEqual(['a']);
    await wait(300);
    expect(calls).toEqual([]);
    expect(await listRemaining()).toEqual(['a']);
    source.setPaused(false);
    await expect.poll(() => calls, { timeout: 5_000 }).toEqual([['a']]);
    await expect.poll(() => listRemaining()).toEqual([]);
  });

  test('lets a batch end that the function has, and stops while it is paused', async () => {
    const released = Promise.withResolvers<InvocationResult>();
    const source = startReading(() => released.promise);
    await send('a');
    await expect.poll(() => calls).toEqual([['a']]);
    source.setPaused(true);
    released.resolve(success);
    await expect.poll(() => listRemaining()).toEqual([]);
    await source.stop();
  });
});
