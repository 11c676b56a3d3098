import { SendMessageBatchCommand, SQSClient } from '@aws-sdk/client-sqs';
import type { SQSEvent } from 'aws-lambda';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import type { Invocation } from '../../../lib/local/emulator/lambda/invocation.ts';
import { buildQueueUrl } from '../../../lib/local/emulator/local-addresses.ts';
import {
  chooseConcurrency,
  countEnvironments,
} from '../../../lib/local/emulator/local-concurrency.ts';
import {
  type LocalPipeline,
  startLocalPipeline,
} from '../../../lib/local/emulator/local-pipeline.ts';
import { describeStack } from '../../../lib/local/emulator/stack.ts';
import { PROJECT_FOLDER } from '../support/fixture-function.ts';

const SOON = { timeout: 20_000 };
const HANG_MS = 5_000;

const queue = (id: string): object => ({
  Type: 'AWS::SQS::Queue',
  Properties: { QueueName: `many-local-${id}`, VisibilityTimeout: 60 },
});
const source = (id: string, settings: object): object => ({
  sqs: {
    arn: { 'Fn::GetAtt': [id, 'Arn'] },
    functionResponseType: 'ReportBatchItemFailures',
    ...settings,
  },
});
const stack = describeStack({
  service: 'many',
  provider: { stage: 'local', region: 'eu-west-1' },
  functions: {
    patient: {
      handler: 'test/local/fixtures/functions/patient.handler',
      timeout: 20,
      events: [
        source('Hanging', { batchSize: 1, maximumConcurrency: 10 }),
        source('Quick', { batchSize: 500, maximumBatchingWindow: 2, maximumConcurrency: 2 }),
        source('Paused', { enabled: false }),
      ],
    },
  },
  resources: {
    Resources: { Hanging: queue('hanging'), Quick: queue('quick'), Paused: queue('paused') },
  },
});

let pipeline: LocalPipeline;
let sqs: SQSClient;
let invocations: Invocation[] = [];

beforeAll(async () => {
  pipeline = await startLocalPipeline({
    projectFolder: PROJECT_FOLDER,
    stack,
    concurrency: { requests: 2, perQueue: 3 },
    onInvocation: (invocation) => invocations.push(invocation),
  });
  sqs = new SQSClient({
    endpoint: pipeline.endpoints.sqsEndpoint,
    region: stack.region,
    credentials: { accessKeyId: 'a', secretAccessKey: 'b' },
  });
});

beforeEach(() => {
  invocations = [];
});

afterAll(async () => {
  await pipeline.stop();
});

async function send(name: string, count: number, waitMs: number): Promise<void> {
  const QueueUrl = buildQueueUrl(pipeline.endpoints.sqsEndpoint, `many-local-${name}`);
  const bodies = Array.from({ length: count }, () => JSON.stringify({ waitMs }));
  for (let start = 0; start < count; start += 10) {
    const Entries = bodies
      .slice(start, start + 10)
      .map((MessageBody, index) => ({ Id: String(index), MessageBody }));
    await sqs.send(new SendMessageBatchCommand({ QueueUrl, Entries }));
  }
}

const readQueueName = (invocation: Invocation): string => {
  const { Records } = invocation.event as SQSEvent;
  return Records[0]?.eventSourceARN.split('-').at(-1) ?? '';
};
const countRecords = (invocation: Invocation): number =>
  (invocation.event as SQSEvent).Records.length;
const findOf = (name: string): Invocation[] =>
  invocations.filter((invocation) => readQueueName(invocation) === name);

/** Returns the highest number of invocations that ran at the same time. */
function findMostAtOnce(some: readonly Invocation[]): number {
  const counts = some.map(
    ({ startedAtMs: at }) =>
      some.filter((other) => other.startedAtMs <= at && at < other.startedAtMs + other.durationMs)
        .length,
  );
  return Math.max(0, ...counts);
}

describe('the queues of one function', () => {
  test('do not wait for one another: one whose invocations hang does not stop another', async () => {
    await send('hanging', 5, HANG_MS);
    await expect.poll(() => pipeline.functions.get('patient')?.countCalls().running, SOON).toBe(3);
    await send('quick', 45, 0);
    await expect
      .poll(() => findOf('quick').reduce((sum, each) => sum + countRecords(each), 0), SOON)
      .toBe(45);
    expect(findOf('hanging')).toEqual([]);
    expect(await pipeline.waitUntilIdle(20_000)).toEqual({ isIdle: true });
    expect(findOf('hanging')).toHaveLength(5);
    // 10 in serverless.yml, and as many as this machine allows
    expect(findMostAtOnce(findOf('hanging'))).toBe(3);
    expect(pipeline.functions.get('patient')?.environments().length).toBeLessThanOrEqual(5);
  });

  test('collect batches of more than one receive within their window', async () => {
    await send('quick', 120, 0);
    expect(await pipeline.waitUntilIdle(20_000)).toEqual({ isIdle: true });
    const sizes = findOf('quick').map(countRecords);
    expect(sizes.reduce((sum, size) => sum + size, 0)).toBe(120);
    expect(Math.max(...sizes)).toBeGreaterThan(10);
  });

  test('are not read while their mapping is disabled', async () => {
    await send('paused', 2, 0);
    await send('quick', 1, 0);
    await expect.poll(() => findOf('quick').length, SOON).toBe(1);
    expect((await pipeline.readQueue('Paused')).ready).toHaveLength(2);
    expect(findOf('paused')).toEqual([]);
  });
});

describe('the concurrency of a machine', () => {
  test.each([
    [1, { requests: 2, perQueue: 2 }],
    [3, { requests: 3, perQueue: 3 }],
    [64, { requests: 10, perQueue: 4 }],
  ])('with %i cores', (cores, expected) => {
    expect(chooseConcurrency(cores)).toEqual(expected);
  });

  test('gives a function one environment for each batch of its queues, and those for requests', () => {
    const concurrency = { requests: 8, perQueue: 3 };
    const mapping = (maximumConcurrency: number | null) => ({
      queueArn: '',
      batchSize: 10,
      batchingWindowSeconds: 0,
      reportsItemFailures: true,
      maximumConcurrency,
    });
    const sources = [mapping(2), mapping(50), mapping(null)];
    const route = { method: 'POST', path: '/' };
    expect(countEnvironments({ routes: [], sources, unsupported: [] }, concurrency)).toBe(8);
    expect(countEnvironments({ routes: [route], sources, unsupported: [] }, concurrency)).toBe(16);
    expect(countEnvironments({ routes: [], sources: [], unsupported: [] }, concurrency)).toBe(8);
  });
});
