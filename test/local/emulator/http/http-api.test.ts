import { connect } from 'node:net';
import { afterEach, expect, test } from 'vitest';
import { startHttpApi } from '../../../../lib/local/emulator/http/http-api.ts';
import type { LoopbackServer } from '../../../../lib/local/emulator/http/loopback-server.ts';
import {
  createLambdaFunction,
  type LambdaFunction,
} from '../../../../lib/local/emulator/lambda/lambda-function.ts';
import type { InvocationResult } from '../../../../lib/local/emulator/lambda/invocation.ts';
import { fixtureFunction } from '../../support/fixture-function.ts';

const TIMEOUT_MS = 200;

let server: LoopbackServer | null = null;
let events: unknown[] = [];

afterEach(async () => {
  await server?.stop();
  events = [];
});

async function start(respond: () => Promise<InvocationResult>): Promise<string> {
  const workerData = {
    bundleFile: '',
    exportName: '',
    functionName: '',
    functionArn: '',
    memoryMb: 0,
  };
  const settings = { name: 'front', workerData, timeoutSeconds: 1, env: {}, concurrency: 1 };
  const lambda: LambdaFunction = {
    ...createLambdaFunction(settings, { onLine: () => {}, onInvocation: () => {} }),
    async invoke(event) {
      events.push(event);
      const fields = { functionName: 'front', requestId: '', environmentId: '', coldStart: false };
      return { ...fields, event, startedAtMs: 0, durationMs: 0, result: await respond() };
    },
  };
  const routes = [{ method: '*', path: '*' }];
  const description = fixtureFunction('front', {
    events: { routes, sources: [], unsupported: [] },
  });
  server = await startHttpApi(0, [description], new Map([['front', lambda]]), TIMEOUT_MS);
  return server.endpoint;
}

test('a request becomes an event, and the returned value becomes the response', async () => {
  const url = await start(async () => ({
    kind: 'returned',
    payload: { statusCode: 201, headers: { 'x-a': '1' }, cookies: ['c=1', 'd=2'], body: 'ü' },
  }));
  const response = await fetch(`${url}/a?b=c`, { method: 'PUT', body: Uint8Array.of(0xff) });
  expect([response.status, await response.text()]).toEqual([201, 'ü']);
  expect(response.headers.getSetCookie()).toEqual(['c=1', 'd=2']);
  expect(response.headers.get('apigw-requestid')).toMatch(/./);
  expect(events).toMatchObject([
    {
      rawPath: '/a',
      rawQueryString: 'b=c',
      body: Buffer.of(0xff).toString(),
      requestContext: { http: { method: 'PUT', sourceIp: '127.0.0.1' } },
    },
  ]);
});

test('a response with a header that HTTP does not allow results in a 500', async () => {
  const payload = { statusCode: 200, headers: { 'x-a': 'two\nlines' } };
  const url = await start(async () => ({ kind: 'returned', payload }));
  const response = await fetch(`${url}//`);
  expect([response.status, await response.json()]).toEqual([
    500,
    { message: 'Internal Server Error' },
  ]);
});

test('a function that does not respond in time results in a 503', async () => {
  const url = await start(() => new Promise(() => {}));
  const response = await fetch(url);
  expect([response.status, await response.json()]).toEqual([
    503,
    { message: 'Service Unavailable' },
  ]);
});

test('more than 10,240 bytes of headers do not reach the function', async () => {
  const url = await start(async () => ({ kind: 'returned', payload: null }));
  const response = await fetch(url, { headers: { 'x-large': 'x'.repeat(10_240) } });
  expect(response.status).toBe(431);
  expect(events).toEqual([]);
});

test('an aborted request does not reach the function and does not affect others', async () => {
  const url = await start(async () => ({ kind: 'returned', payload: { statusCode: 204 } }));
  const socket = connect(Number(new URL(url).port), '127.0.0.1');
  socket.write('POST / HTTP/1.1\r\nhost: a\r\ncontent-length: 100\r\n\r\nhalf');
  await new Promise<void>((resolve) => {
    socket.end(resolve);
  });
  expect((await fetch(url)).status).toBe(204);
  expect(events).toHaveLength(1);
});
