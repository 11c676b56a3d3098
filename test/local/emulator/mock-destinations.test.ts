import { afterEach, beforeEach, expect, test } from 'vitest';
import { fromMockRequest } from '../../../lib/local/emulator/delivered-requests.ts';
import {
  type MockRequest,
  type MockDestinations,
  startMockDestinations,
} from '../../../lib/local/emulator/mock-destinations.ts';

let mockDestinations: MockDestinations;
let observed: MockRequest[];

beforeEach(async () => {
  observed = [];
  mockDestinations = await startMockDestinations((request) => observed.push(request));
});

afterEach(async () => {
  await mockDestinations.stop();
});

const post = (name: string, body = 'x', signal: AbortSignal | null = null): Promise<Response> =>
  fetch(`${mockDestinations.endpoint}/mock/${name}`, {
    method: 'POST',
    body,
    signal,
    headers: { 'X-A': '1' },
  });

test('any name is a mock destination, which responds with 200 and keeps its requests', async () => {
  expect((await post('mail', 'ü')).status).toBe(200);
  await post('crm');
  expect(mockDestinations.received('mail')).toMatchObject([
    { destination: 'mail', method: 'POST', body: 'ü', headers: { 'x-a': '1' } },
  ]);
  expect(mockDestinations.names()).toEqual(['mail', 'crm']);
  expect(observed.map(({ destination }) => destination)).toEqual(['mail', 'crm']);
  expect(mockDestinations.received('nobody')).toEqual([]);
});

test('any other path is not found', async () => {
  expect((await fetch(`${mockDestinations.endpoint}/unknown`)).status).toBe(404);
  expect(mockDestinations.names()).toEqual([]);
});

test('a mock destination counts all its requests and keeps the last thousand', async () => {
  for (let n = 0; n < 1_005; n += 1) await post('mail', String(n));
  expect(mockDestinations.countRequests('mail')).toBe(1_005);
  expect(mockDestinations.received('mail')).toHaveLength(1_000);
  expect(mockDestinations.received('mail')[0]?.body).toBe('5');
});

test('a mock destination follows its script, request by request, until the script is removed', async () => {
  mockDestinations.setBehaviour('mail', (request, index) =>
    index === 0
      ? { kind: 'respond', status: 503, headers: { 'retry-after': '7' }, delayMs: 1 }
      : { kind: 'respond', status: request.body === 'x' ? 201 : 202 },
  );
  const first = await post('mail');
  expect([first.status, first.headers.get('retry-after')]).toEqual([503, '7']);
  expect((await post('mail')).status).toBe(201);
  expect((await post('mail', 'y')).status).toBe(202);
  expect((await post('crm')).status).toBe(200);
  mockDestinations.setBehaviour('mail');
  expect((await post('mail')).status).toBe(200);
});

test('a mock destination can close the connection, or never respond', async () => {
  mockDestinations.setBehaviour('mail', () => ({ kind: 'close' }));
  await expect(post('mail')).rejects.toThrow('fetch failed');
  mockDestinations.setBehaviour('mail', () => ({ kind: 'hang' }));
  const aborted = new AbortController();
  const waiting = post('mail', 'x', aborted.signal);
  await expect.poll(() => mockDestinations.countRequests('mail'), { timeout: 15_000 }).toBe(2);
  aborted.abort();
  await expect(waiting).rejects.toThrow('aborted');
});

test.each([
  ['the header of Standard Webhooks', { 'webhook-id': 'whs_a' }, '{"id":"other"}', 'whs_a'],
  ['the body, if it is a record', {}, '{"id":"whs_b"}', 'whs_b'],
  ['nothing else', {}, 'id=whs_c', null],
])('the id of the delivered record is read from %s', (_case, headers, body, recordId) => {
  const request = { destination: 'mail', method: 'POST', headers, body, receivedAt: new Date(0) };
  expect(fromMockRequest(request)).toEqual({
    destination: 'mail',
    recordId,
    body,
    receivedAt: new Date(0),
  });
});
