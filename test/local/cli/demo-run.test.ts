import { afterEach, beforeEach, expect, test } from 'vitest';
import type { Arrival } from '../../../lib/local/emulator/delivered-requests.ts';
import {
  type LoopbackServer,
  startLoopbackServer,
} from '../../../lib/local/emulator/http/loopback-server.ts';
import { readBody } from '../../../lib/local/emulator/http/read-body.ts';
import type { QueueContents } from '../../../lib/local/emulator/queue-contents.ts';
import type { Quiet } from '../../../lib/local/emulator/wait-until-idle.ts';
import { type DemoDeps, runDemo } from '../../../lib/local/cli/demo-run.ts';
import type { WebhookSample } from '../../../lib/local/cli/samples.ts';

let server: LoopbackServer;
let posted: string[];
let arrivals: Arrival[];

/** Takes a body that is an id, delivers it the first time, and answers as receive does. */
beforeEach(async () => {
  posted = [];
  arrivals = [];
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
  arrivals.push({ destination, recordId, body: '', receivedAt: new Date(0) });
}

function sample(name: string, body: string, duplicateOf?: string): WebhookSample {
  return {
    name,
    about: '',
    version: '2.0',
    rawPath: '/hooks',
    headers: {},
    body,
    isBase64Encoded: false,
    expect: {
      answer: 202,
      status: 'queued',
      delivered: [],
      dead: 0,
      ...(duplicateOf !== undefined && { duplicateOf }),
    },
  };
}

function pipelineWith(
  letters: readonly string[] = [],
  quiet: Quiet = { quiet: true },
): DemoDeps['pipeline'] {
  const contents = (bodies: readonly string[]): QueueContents => ({
    ready: bodies.map((body) => ({ messageId: '', body, sentAt: new Date(0), receiveCount: 0 })),
    delayed: [],
    inFlight: [],
  });
  return {
    httpEndpoint: server.endpoint,
    queue: async (id) => contents(id === 'DeadLettersQueue' ? letters : ['{"id":"b"}', 'no JSON']),
    quiet: async () => quiet,
  };
}

test('each sample gets what came of it: its answer, its arrivals, what it left on the queues', async () => {
  const pipeline = pipelineWith(['{"record":{"id":"a"}}', '{"id":"a"}']);
  const samples = [sample('one', 'a'), sample('two', 'b'), sample('three', 'forged')];
  const { seen, strays } = await runDemo({ pipeline, arrivals }, samples);
  expect(seen.map((each) => [each.sample.name, each.answer.status, each.answer.id])).toEqual([
    ['one', 202, 'a'],
    ['two', 202, 'b'],
    ['three', 401, null],
  ]);
  expect(seen.map((each) => [...each.arrivals])).toEqual([[['http', 1]], [['http', 1]], []]);
  expect(seen.map((each) => [each.deadLetters, each.quarantined])).toEqual([
    [2, 0],
    [0, 1],
    [0, 0],
  ]);
  expect(strays).toBe(0);
});

test('a repetition comes after its original, wherever it stands, and is not credited with its arrivals', async () => {
  const samples = [sample('again', 'a', 'one'), sample('one', 'a')];
  const { seen } = await runDemo({ pipeline: pipelineWith(), arrivals }, samples);
  expect(seen.map((each) => [each.sample.name, [...each.arrivals]])).toEqual([
    ['again', []],
    ['one', [['http', 1]]],
  ]);
});

test('what reaches a destination without having been taken is counted', async () => {
  deliver('unknown', 'http');
  const { strays } = await runDemo({ pipeline: pipelineWith(), arrivals }, [sample('one', 'a')]);
  expect(strays).toBe(1);
});

test('a pipeline that does not come to rest is an error which says why', async () => {
  const restless = pipelineWith([], { quiet: false, stillGoingOn: ['1 messages on records'] });
  await expect(runDemo({ pipeline: restless, arrivals }, [sample('one', 'a')])).rejects.toThrow(
    'The pipeline did not come to rest: 1 messages on records.',
  );
});
