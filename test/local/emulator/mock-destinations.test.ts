import { afterEach, beforeEach, expect, test } from 'vitest';
import { sinkArrival } from '../../../lib/local/emulator/delivered-requests.ts';
import {
  type SinkRequest,
  type Sinks,
  startSinks,
} from '../../../lib/local/emulator/mock-destinations.ts';

let sinks: Sinks;
let told: SinkRequest[];

beforeEach(async () => {
  told = [];
  sinks = await startSinks((request) => told.push(request));
});

afterEach(async () => {
  await sinks.stop();
});

const post = (name: string, body = 'x', signal: AbortSignal | null = null): Promise<Response> =>
  fetch(`${sinks.endpoint}/sink/${name}`, {
    method: 'POST',
    body,
    signal,
    headers: { 'X-A': '1' },
  });

test('any name is a sink, which answers 200 and keeps what it got', async () => {
  expect((await post('mail', 'ü')).status).toBe(200);
  await post('crm');
  expect(sinks.received('mail')).toMatchObject([
    { sink: 'mail', method: 'POST', body: 'ü', headers: { 'x-a': '1' } },
  ]);
  expect(sinks.names()).toEqual(['mail', 'crm']);
  expect(told.map(({ sink }) => sink)).toEqual(['mail', 'crm']);
  expect(sinks.received('nobody')).toEqual([]);
});

test('what is no sink is not found', async () => {
  expect((await fetch(`${sinks.endpoint}/elsewhere`)).status).toBe(404);
  expect(sinks.names()).toEqual([]);
});

test('a sink counts all of its requests and keeps the last thousand', async () => {
  for (let n = 0; n < 1_005; n += 1) await post('mail', String(n));
  expect(sinks.total('mail')).toBe(1_005);
  expect(sinks.received('mail')).toHaveLength(1_000);
  expect(sinks.received('mail')[0]?.body).toBe('5');
});

test('a sink behaves as its script says, request by request, until the script is taken back', async () => {
  sinks.behave('mail', (request, index) =>
    index === 0
      ? { kind: 'answer', status: 503, headers: { 'retry-after': '7' }, delayMs: 1 }
      : { kind: 'answer', status: request.body === 'x' ? 201 : 202 },
  );
  const first = await post('mail');
  expect([first.status, first.headers.get('retry-after')]).toEqual([503, '7']);
  expect((await post('mail')).status).toBe(201);
  expect((await post('mail', 'y')).status).toBe(202);
  expect((await post('crm')).status).toBe(200);
  sinks.behave('mail');
  expect((await post('mail')).status).toBe(200);
});

test('a sink can cut the connection, or never answer', async () => {
  sinks.behave('mail', () => ({ kind: 'close' }));
  await expect(post('mail')).rejects.toThrow('fetch failed');
  sinks.behave('mail', () => ({ kind: 'hang' }));
  const aborted = new AbortController();
  const waiting = post('mail', 'x', aborted.signal);
  await expect.poll(() => sinks.total('mail'), { timeout: 15_000 }).toBe(2);
  aborted.abort();
  await expect(waiting).rejects.toThrow('aborted');
});

test.each([
  ['the header of Standard Webhooks', { 'webhook-id': 'whs_a' }, '{"id":"other"}', 'whs_a'],
  ['the body, when it is a record', {}, '{"id":"whs_b"}', 'whs_b'],
  ['nothing else', {}, 'id=whs_c', null],
])('whose record arrived is told by %s', (_case, headers, body, recordId) => {
  const request = { sink: 'mail', method: 'POST', headers, body, receivedAt: new Date(0) };
  expect(sinkArrival(request)).toEqual({
    destination: 'mail',
    recordId,
    body,
    receivedAt: new Date(0),
  });
});
