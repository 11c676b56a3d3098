import { afterEach, beforeEach, expect, test } from 'vitest';
import type { DeliveredRequest } from '../../../lib/local/emulator/delivered-requests.ts';
import {
  type LoopbackServer,
  startLoopbackServer,
} from '../../../lib/local/emulator/http/loopback-server.ts';
import { readBody } from '../../../lib/local/emulator/http/read-body.ts';
import type { QueueContents } from '../../../lib/local/emulator/queue-contents.ts';
import type { IdleResult } from '../../../lib/local/emulator/wait-until-idle.ts';
import { type DemoDeps, runDemo } from '../../../lib/local/cli/demo-run.ts';
import type { WebhookSample } from '../../../lib/local/cli/samples.ts';

let server: LoopbackServer;
let posted: string[];
let deliveredRequests: DeliveredRequest[];
let attemptsNow: number;

/** Accepts a body that is an id, delivers it the first time, and responds as receive does. */
beforeEach(async () => {
  posted = [];
  deliveredRequests = [];
  attemptsNow = 0;
  server = await startLoopbackServer(0, (request, response) => {
    void readBody(request, 1_000).then((bytes) => {
      const id = String(bytes);
      if (id === 'forged') return response.writeHead(401).end('{"status":401}');
      if (!posted.includes(id)) deliver(id, 'http');
      posted.push(id);
      return response.writeHead(202).end(JSON.stringify({ status: 'queued', id }));
    });
  });
});

afterEach(async () => {
  await server.stop();
});

function deliver(recordId: string, destination: string): void {
  deliveredRequests.push({ destination, recordId, body: '', receivedAt: new Date(0) });
}

function createSample(name: string, body: string, duplicateOf?: string): WebhookSample {
  return {
    name,
    about: '',
    version: '2.0',
    rawPath: '/hooks',
    headers: {},
    body,
    isBase64Encoded: false,
    expect: {
      httpStatus: 202,
      status: 'queued',
      delivered: [],
      deadLetters: 0,
      ...(duplicateOf !== undefined && { duplicateOf }),
    },
  };
}

function createPipeline(
  deadLetters: readonly string[] = [],
  idleResults: IdleResult[] = [],
): DemoDeps['pipeline'] {
  const contents = (bodies: readonly string[]): QueueContents => ({
    ready: bodies.map((body) => ({ messageId: '', body, sentAt: new Date(0), receiveCount: 0 })),
    delayed: [],
    inFlight: [],
  });
  return {
    httpEndpoint: server.endpoint,
    readQueue: async (id) =>
      contents(id === 'DeadLettersQueue' ? deadLetters : ['{"id":"b"}', 'no JSON']),
    waitUntilIdle: async () => idleResults.shift() ?? { isIdle: true },
    waitingDeliveries: {
      reschedule: async () => [],
      async attemptNow() {
        attemptsNow += 1;
        return 1;
      },
    },
  };
}

test('each sample has an observation: its response, its deliveries, its messages on the queues', async () => {
  const pipeline = createPipeline([
    '{"record":{"id":"a"},"destination":"crm","reason":"rejected","lastFailure":{"reason":"undeliverable","cause":null}}',
    '{"id":"a"}',
  ]);
  const samples = [
    createSample('one', 'a'),
    createSample('two', 'b'),
    createSample('three', 'forged'),
  ];
  const { observations, unmatchedDeliveries } = await runDemo(
    { pipeline, deliveredRequests },
    samples,
  );
  expect(
    observations.map((each) => [each.sample.name, each.response.status, each.response.id]),
  ).toEqual([
    ['one', 202, 'a'],
    ['two', 202, 'b'],
    ['three', 401, null],
  ]);
  expect(observations.map((each) => [...each.deliveryCounts])).toEqual([
    [['http', 1]],
    [['http', 1]],
    [],
  ]);
  expect(observations.map((each) => [each.deadLetters, each.quarantined])).toEqual([
    [
      [
        { destination: 'crm', reason: 'undeliverable', cause: null },
        { destination: null, reason: 'moved by SQS', cause: null },
      ],
      0,
    ],
    [[], 1],
    [[], 0],
  ]);
  expect(unmatchedDeliveries).toBe(0);
});

test("a duplicate is posted after its original, whatever the order, and the original's deliveries do not count for it", async () => {
  const samples = [createSample('again', 'a', 'one'), createSample('one', 'a')];
  const { observations } = await runDemo(
    { pipeline: createPipeline(), deliveredRequests },
    samples,
  );
  expect(observations.map((each) => [each.sample.name, [...each.deliveryCounts]])).toEqual([
    ['again', []],
    ['one', [['http', 1]]],
  ]);
});

test('deliveries without an accepted webhook are counted', async () => {
  deliver('unknown', 'http');
  const { unmatchedDeliveries } = await runDemo({ pipeline: createPipeline(), deliveredRequests }, [
    createSample('one', 'a'),
  ]);
  expect(unmatchedDeliveries).toBe(1);
});

const BUSY: IdleResult = { isIdle: false, busy: ['1 messages on records'] };

test('a delivery that waits for its next attempt is attempted at once', async () => {
  const pipeline = createPipeline([], [BUSY]);
  await runDemo({ pipeline, deliveredRequests }, [createSample('one', 'a')]);
  expect(attemptsNow).toBe(1);
});

test('a pipeline that does not become idle is an error that says why', async () => {
  const busyPipeline = createPipeline(
    [],
    Array.from({ length: 15 }, () => BUSY),
  );
  await expect(
    runDemo({ pipeline: busyPipeline, deliveredRequests }, [createSample('one', 'a')]),
  ).rejects.toThrow('The pipeline did not become idle within 15 seconds: 1 messages on records.');
});
