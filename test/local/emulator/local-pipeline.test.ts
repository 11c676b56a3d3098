import { createServer } from 'node:http';
import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { DeliveredRequest } from '../../../lib/local/emulator/delivered-requests.ts';
import type { Invocation } from '../../../lib/local/emulator/lambda/invocation.ts';
import {
  type LocalPipeline,
  type LocalPipelineOptions,
  startLocalPipeline,
} from '../../../lib/local/emulator/local-pipeline.ts';
import { describeStack, type Stack } from '../../../lib/local/emulator/stack.ts';
import { StartError } from '../../../lib/local/emulator/start-error.ts';
import { fixtureConfiguration } from '../support/configuration.ts';
import { PROJECT_FOLDER } from '../support/fixture-function.ts';

const SOON = { timeout: 15_000 };

let pipeline: LocalPipeline;
const deliveredRequests: DeliveredRequest[] = [];
const invocations: Invocation[] = [];
const lines: string[] = [];
const errors: string[] = [];

beforeAll(async () => {
  pipeline = await startLocalPipeline({
    projectFolder: PROJECT_FOLDER,
    stack: describeStack(fixtureConfiguration()),
    consumers: { outbox: 'Outbox' },
    concurrency: { requests: 2, perQueue: 2 },
    onRequestDelivered: (request) => deliveredRequests.push(request),
    onInvocation: (invocation) => invocations.push(invocation),
    onLine: (_line, parsed) => lines.push(parsed.kind === 'other' ? parsed.text : parsed.kind),
    onError: (text) => errors.push(text),
  });
});

afterAll(async () => {
  await pipeline.stop();
});

function send(body: string, path = '/letters/red', method = 'POST'): Promise<Response> {
  const headers = { 'content-type': 'text/plain' };
  return fetch(pipeline.httpEndpoint + path, { method, headers, body });
}

/** Returns the destinations that a letter has reached, sorted. */
const reachedDestinations = (body: string): string[] =>
  deliveredRequests
    .filter((request) => request.body === body)
    .map(({ destination }) => destination)
    .sort();

test('a request goes through the functions and their queue to every destination', async () => {
  const response = await send('hello 🌷');
  expect([response.status, await response.text()]).toEqual([202, 'taken']);
  expect(response.headers.get('x-greeting')).toBe('hello');
  expect(await pipeline.waitUntilIdle(15_000)).toEqual({ isIdle: true });
  expect(reachedDestinations('hello 🌷')).toEqual(['mail', 'outbox']);
  expect(lines).toContain('took a letter of the kind red');
});

test('many concurrent requests are all delivered, each once', async () => {
  const bodies = Array.from({ length: 40 }, (_, n) => `letter ${n}`);
  const responses = await Promise.all(bodies.map((body) => send(body)));
  expect(responses.map(({ status }) => status)).toEqual(bodies.map(() => 202));
  expect(await pipeline.waitUntilIdle(15_000)).toEqual({ isIdle: true });
  for (const body of bodies) expect(reachedDestinations(body)).toEqual(['mail', 'outbox']);
});

test('a message that keeps failing goes to the dead-letter queue; until then the pipeline is not idle', async () => {
  await send('bad');
  expect(await pipeline.waitUntilIdle(100)).toMatchObject({ isIdle: false });
  await expect
    .poll(async () => (await pipeline.readQueue('DeadLetters')).ready, SOON)
    .toHaveLength(1);
  expect(await pipeline.waitUntilIdle(15_000)).toEqual({ isIdle: true });
  expect(reachedDestinations('bad')).toEqual([]);
});

test('a function that throws results in a 500 without details, and is reported to the observer', async () => {
  const response = await send('throw');
  expect([response.status, await response.json()]).toEqual([
    500,
    { message: 'Internal Server Error' },
  ]);
  expect(invocations.at(-1)).toMatchObject({
    functionName: 'front',
    result: { kind: 'threw', error: { message: 'no letter' } },
  });
});

test.each([
  ['another path', '/other', 'POST'],
  ['another method', '/letters/red', 'PUT'],
])('%s is not found', async (_case, path, method) => {
  const response = await send('x', path, method);
  expect([response.status, await response.json()]).toEqual([404, { message: 'Not Found' }]);
});

test('a body over 10 MB does not reach the function', async () => {
  const before = invocations.length;
  const response = await send('x'.repeat(10_485_761));
  expect([response.status, await response.json()]).toEqual([
    413,
    { message: 'Request Entity Too Large' },
  ]);
  expect(invocations).toHaveLength(before);
});

test('a killed environment fails its batch, which another environment processes again', async () => {
  const reader = pipeline.functions.get('reader');
  pipeline.mockDestinations.setBehaviour('mail', () => ({ kind: 'hang' }));
  await send('survivor');
  const findBusyEnvironment = () =>
    reader?.environments().find(({ requestId }) => requestId !== null)?.id;
  await expect.poll(findBusyEnvironment, SOON).toEqual(expect.any(String));
  // killed only after its request was sent, which is later than the start of the invocation
  await expect.poll(() => reachedDestinations('survivor'), SOON).toEqual(['mail']);
  pipeline.mockDestinations.setBehaviour('mail');
  await reader?.kill(findBusyEnvironment() ?? '');
  expect(await pipeline.waitUntilIdle(15_000)).toEqual({ isIdle: true });
  // once before the kill and once after it
  expect(reachedDestinations('survivor')).toEqual(['mail', 'mail', 'outbox']);
  expect(errors).toContain(
    'reader: A batch of 1 stays on its queue: the invocation ended with crashed',
  );
});

describe('a pipeline that cannot start reports why, and leaves nothing running', () => {
  async function getStartError(
    stack: Stack,
    more: Partial<LocalPipelineOptions> = {},
  ): Promise<string> {
    const start = startLocalPipeline({ projectFolder: PROJECT_FOLDER, stack, ...more });
    const failure: unknown = await start.then(
      () => null,
      (error: unknown) => error,
    );
    expect(failure).toBeInstanceOf(StartError);
    return failure instanceof StartError ? failure.message : '';
  }
  const buildFolders = async (): Promise<string[]> =>
    (await readdir(join(PROJECT_FOLDER, '.local'))).filter((name) =>
      name.startsWith(`build-${process.pid}-`),
    );

  test('when a configuration is not valid: each error in full, and once', async () => {
    const configuration = fixtureConfiguration();
    const handler = 'test/local/fixtures/functions/misconfigured.handler';
    configuration.functions = {
      one: { handler },
      two: { handler },
      fine: configuration.functions['front'] ?? {},
    };
    const message = await getStartError(describeStack(configuration));
    expect(message).toMatch(
      /^one and two cannot start\.\nError: GREETING is missing\n {2}and so is FAREWELL\n/,
    );
    expect(message.match(/GREETING/g)).toHaveLength(1);
  });

  test('when the code cannot be built', async () => {
    const configuration = fixtureConfiguration();
    configuration.functions = { lost: { handler: 'functions/not-there.handler' } };
    const before = await buildFolders();
    expect(await getStartError(describeStack(configuration))).toContain('not-there');
    expect(await buildFolders()).toEqual(before);
  });

  test('when a setting of the bundler is not supported', async () => {
    const configuration = { ...fixtureConfiguration(), custom: { esbuild: { splitting: true } } };
    expect(await getStartError(describeStack(configuration))).toContain('custom.esbuild.splitting');
  });

  test('when the queue of a consumer is not declared', async () => {
    const consumers = { nobody: 'Nowhere' };
    expect(await getStartError(describeStack(fixtureConfiguration()), { consumers })).toBe(
      'serverless.yml declares no queue Nowhere under resources.',
    );
  });

  test('when the port is in use', async () => {
    const other = createServer().listen(0, '127.0.0.1');
    await expect.poll(() => other.listening, SOON).toBe(true);
    const address = other.address();
    const port = typeof address === 'object' ? (address?.port ?? 0) : 0;
    expect(await getStartError(describeStack(fixtureConfiguration()), { port })).toBe(
      `Port ${port} is in use. Choose another port with --port.`,
    );
    other.close();
  });
});

test('stopping ends everything, and can be repeated', async () => {
  const own = await startLocalPipeline({
    projectFolder: PROJECT_FOLDER,
    stack: describeStack(fixtureConfiguration()),
  });
  await Promise.all([own.stop(), own.stop()]);
  const { sqsEndpoint, dynamoEndpoint, mockEndpoint } = own.endpoints;
  for (const endpoint of [own.httpEndpoint, sqsEndpoint, dynamoEndpoint, mockEndpoint]) {
    await expect(fetch(endpoint)).rejects.toThrow('fetch failed');
  }
  for (const lambda of own.functions.values()) expect(lambda.environments()).toEqual([]);
});
