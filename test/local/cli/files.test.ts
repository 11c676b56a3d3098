import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { decodeEventBody, pickWebhookHeaders } from '../../../lib/local/cli/gateway-event.ts';
import { EVENTS_FOLDER } from '../../../lib/local/cli/paths.ts';
import { createSampleEvent } from '../../../lib/local/cli/sample-event.ts';
import { readWebhookSamples } from '../../../lib/local/cli/samples.ts';
import { readWebhookFile, toWebhookUrl } from '../../../lib/local/cli/webhook-file.ts';

let folder: string;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'files-'));
});

afterAll(async () => {
  await rm(folder, { recursive: true });
});

async function writeTemporaryFile(name: string, content: unknown): Promise<string> {
  const path = join(folder, name);
  await writeFile(path, typeof content === 'string' ? content : JSON.stringify(content));
  return path;
}

const event = {
  version: '2.0',
  rawPath: '/',
  headers: {},
  body: '{ "ü": 1 }',
  isBase64Encoded: false,
};

describe('the body of a webhook', () => {
  test.each([
    ['a plain body, white space included', '{ "ü":  1 }\n', '{ "ü":  1 }\n'],
    ['a body that is not JSON', 'no JSON', 'no JSON'],
    ['an event', event, '{ "ü": 1 }'],
    [
      'an event with a base64 body',
      { ...event, body: 'eyJhIjoxfQ==', isBase64Encoded: true },
      '{"a":1}',
    ],
    ['a body with a key named body', { body: 'x' }, '{"body":"x"}'],
  ])('is read from %s', async (_case, content, body) => {
    expect(
      (await readWebhookFile(await writeTemporaryFile('webhook', content))).body.toString(),
    ).toBe(body);
  });

  test.each([
    [
      '/webhooks/voucherify',
      '/webhooks/voucherify/designer-mail',
      '/webhooks/voucherify/designer-mail',
    ],
    [
      '/webhooks/voucherify/',
      '/webhooks/voucherify/designer-mail',
      '/webhooks/voucherify/designer-mail',
    ],
    [
      '/webhooks/voucherify/other',
      '/webhooks/voucherify/designer-mail',
      '/webhooks/voucherify/other',
    ],
    ['/webhooks/voucherify', '/webhooks/voucherify', '/webhooks/voucherify'],
    ['/webhooks/voucherify', null, '/webhooks/voucherify'],
    ['/hook', '/webhooks/voucherify/designer-mail', '/hook'],
  ])('for %s, posted to %s, is sent to %s', (endpoint, path, expected) => {
    const url = toWebhookUrl(new URL(endpoint, 'https://api.example.test'), path);
    expect(url.href).toBe(`https://api.example.test${expected}`);
  });

  test('is not read from an SQS event or from a file that does not exist', async () => {
    const batch = await writeTemporaryFile('batch', { Records: [] });
    await expect(readWebhookFile(batch)).rejects.toThrow('is an SQS event, not a webhook');
    await expect(readWebhookFile(join(folder, 'lost'))).rejects.toThrow('Does the file exist?');
  });
});

describe('samples', () => {
  test('are all webhooks of a folder, sorted by name, without SQS events', async () => {
    const samples = await mkdtemp(join(folder, 'samples-'));
    const expectation = { httpStatus: 202, status: 'queued', delivered: [] };
    await writeFile(join(samples, 'b.json'), JSON.stringify({ ...event, expect: expectation }));
    await writeFile(join(samples, 'a.json'), JSON.stringify(event));
    await writeFile(join(samples, 'batch.json'), JSON.stringify({ Records: [] }));
    await writeFile(join(samples, 'notes.txt'), 'no sample');
    expect(await readWebhookSamples(samples)).toMatchObject([
      { name: 'a', about: '' },
      { name: 'b', expect: { ...expectation, deadLetters: 0 } },
    ]);
    await writeFile(join(samples, 'wrong.json'), JSON.stringify({ ...event, expect: {} }));
    await expect(readWebhookSamples(samples)).rejects.toThrow(
      'events/wrong.json is not a valid sample: expect.httpStatus',
    );
  });

  test('of the repository all have an expected result', async () => {
    const samples = await readWebhookSamples(EVENTS_FOLDER);
    expect(samples.filter(({ expect: expectation }) => expectation === undefined)).toEqual([]);
    expect(samples.length).toBeGreaterThan(0);
  });

  test('are sent without the headers of their first transmission', () => {
    const headers = {
      Host: 'a',
      'content-length': '3',
      'x-forwarded-for': 'b',
      'x-voucherify-signature': 'c',
    };
    expect(
      pickWebhookHeaders({
        version: '2.0',
        rawPath: '/',
        headers,
        body: '',
        isBase64Encoded: false,
      }),
    ).toEqual({
      'x-voucherify-signature': 'c',
    });
  });
});

test('an event created for a body is a sample, signed with the local secret', async () => {
  const samples = await mkdtemp(join(folder, 'written-'));
  const body = Buffer.from('{"id":"whs_a"}');
  const written = createSampleEvent('spring', body, new Date('2026-03-05T09:15:03.480Z'), {
    mapping: null,
    status: 'queued',
    delivered: ['consumers', 'http'],
  });
  await writeFile(join(samples, 'spring.json'), JSON.stringify(written));
  const [sample] = await readWebhookSamples(samples);
  expect(sample).toMatchObject({
    name: 'spring',
    rawPath: '/webhooks/voucherify',
    expect: { httpStatus: 202 },
    headers: {
      'content-type': 'application/json',
      'x-voucherify-signature': 'c0ce52ad02a7b5aebfaf4284b66af148682b0a7d82e93f851ddc8146b8c06ec0',
    },
  });
  expect(sample === undefined ? null : decodeEventBody(sample)).toEqual(body);
});

test('a sample for a mapping is posted to the address of the mapping', () => {
  const written = createSampleEvent('gift', Buffer.from('{}'), new Date(0), {
    mapping: 'gift',
    status: 'quarantined',
    delivered: [],
  });
  expect(written).toMatchObject({
    expect: { httpStatus: 202, status: 'quarantined', delivered: [] },
    rawPath: '/webhooks/voucherify/gift',
    routeKey: 'POST /webhooks/voucherify/{mapping}',
    pathParameters: { mapping: 'gift' },
  });
});
