import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { createReceive } from '../../lib/receive/receive.ts';
import type { WebhookOptions } from '../../lib/receive/parse-webhook.ts';
import { toSigningKey } from '../../lib/voucherify/signature.ts';
import { listPaths, setAt } from '../support/arbitrary-bodies.ts';
import { recordingTelemetry } from '../support/recording-telemetry.ts';
import { readBody, LOCAL_SECRET, sample, withBody } from '../support/samples.ts';
import { aSenderIpCheck } from '../support/sender-ip-check.ts';

const EVENT = sample('code-percent-discount');
const VALID_BODY = readBody(EVENT).toString('utf8');
const NO_MAPPINGS: WebhookOptions = {
  maxWebhookAgeDays: null,
  currency: 'EUR',
  mappings: new Map(),
};

/** Creates a function that posts a signed body and returns the HTTP status and the status of the webhook. */
function createPost(normalise: WebhookOptions = NO_MAPPINGS) {
  const receive = createReceive({
    signingKeys: async () => [toSigningKey(LOCAL_SECRET)],
    enqueueRecord: async () => {},
    enqueueQuarantine: async () => {},
    senderIpCheck: aSenderIpCheck(),
    normalise,
    telemetry: { ...recordingTelemetry(), webhookReceived() {} },
    now: () => new Date('2026-03-05T09:15:04.000Z'),
  });
  return async (body: Buffer | string): Promise<string> => {
    const response = await receive(withBody(EVENT, body));
    const { status } = JSON.parse(response.body) as { status: unknown };
    return `${response.statusCode} ${String(status)}`;
  };
}

const WRONG_VALUES = [null, true, -1, 'x', '', [], {}, [[]], { object: 'voucher' }] as const;

describe('the body of a genuine webhook', () => {
  const post = createPost();
  const isStored = /^202 (queued|quarantined)$/;

  it('is stored when it is random bytes', async () => {
    await fc.assert(
      fc.asyncProperty(fc.uint8Array({ maxLength: 2_000 }), async (bytes) => {
        expect(await post(Buffer.from(bytes))).toBe('202 quarantined');
      }),
    );
  });

  it('is stored when it is any JSON', async () => {
    await fc.assert(
      fc.asyncProperty(fc.json(), async (json) => {
        expect(await post(json)).toMatch(isStored);
      }),
    );
  });

  it('is quarantined wherever it is cut off', async () => {
    for (let length = 0; length < VALID_BODY.length; length += 1) {
      expect(await post(VALID_BODY.slice(0, length))).toBe('202 quarantined');
    }
  });

  it.each(WRONG_VALUES)('is stored with the value %j at any path', async (wrong) => {
    const valid: unknown = JSON.parse(VALID_BODY);
    for (const path of listPaths(valid)) {
      expect(await post(JSON.stringify(setAt(valid, path, wrong)))).toMatch(isStored);
    }
  });

  it.each([
    ['a hundred thousand lists in one another', '['.repeat(100_000) + ']'.repeat(100_000)],
    [
      'a hundred thousand objects in one another',
      '{"data":'.repeat(100_000) + '1' + '}'.repeat(100_000),
    ],
    ['a huge text', VALID_BODY.replace('HARBOUR-PCT7KD93', 'x'.repeat(3_000_000))],
    ['a huge number', VALID_BODY.replace('"percent_off":15', `"percent_off":${'9'.repeat(400)}`)],
    ['a key twice', VALID_BODY.replace('{"id"', '{"id":"whs_first","id"')],
    [
      'prototype keys',
      VALID_BODY.replace(
        '{"id"',
        '{"__proto__":{"polluted":true},"constructor":{"prototype":{"polluted":true}},"id"',
      ),
    ],
    ['a text that SQS rejects', VALID_BODY.replace('Mara', '\uFFFE\uFFFF\\u0000')],
  ])('is stored with %s', async (_what, body) => {
    expect(await post(body)).toMatch(isStored);
    expect(Object.hasOwn(Object.prototype, 'polluted')).toBe(false);
  });

  /** The valid body with another JSON text in place of a voucher's metadata. */
  const withMetadata = (json: string): string =>
    VALID_BODY.replace('"metadata":', () => `"metadata":{"given":${json}},"sent":`);
  const repeat = (count: number, item: (index: number) => string): string =>
    Array.from({ length: count }, (_, index) => item(index)).join(',');
  const tower = (levels: number): string => `${'{"a":'.repeat(levels)}0${',"a":1}'.repeat(levels)}`;
  const manyKeys = repeat(20_000, (index) => `"key${index}":1`);
  const manyFaults = repeat(500, () => '{"unit_type":1,"unit_off":"x","effect":1}');

  const { data } = JSON.parse(VALID_BODY) as { data: { voucher: { id: string } } };
  const COPY = JSON.stringify({ id: data.voucher.id, active: 'maybe' });

  // each took at least ten times as long when the time grew with the square of the length
  it.each([
    ['numbers', withMetadata(`[${repeat(200_000, String)}]`)],
    ['rounded numbers', withMetadata(`[${repeat(20_000, () => '12345678901234567')}]`)],
    [
      'rounded numbers in deep lists',
      withMetadata(
        `${'['.repeat(50_000)}${repeat(5_000, () => '12345678901234567')}${']'.repeat(50_000)}`,
      ),
    ],
    ['keys', withMetadata(`{${manyKeys}}`)],
    ['equal keys', withMetadata(`{${repeat(50_000, (index) => `"a":${index}`)}}`)],
    ['equal keys in one another', withMetadata(`[${repeat(25, () => tower(3_000))}]`)],
    [
      'unreadable vouchers',
      VALID_BODY.replace('"data":{', `"data":{"vouchers":[${repeat(30_000, () => '{"code":1}')}],`),
    ],
    [
      'unreadable copies of a voucher',
      VALID_BODY.replace('"data":{', `"data":{"vouchers":[${repeat(40_000, () => COPY)}],`),
    ],
    [
      'unreadable fields beside as many keys',
      VALID_BODY.replace('"discount":{', `${manyKeys},"discount":{"units":[${manyFaults}],`),
    ],
  ])('is stored in linear time with thousands of %s', async (_what, body) => {
    // of this process alone, so that other work on the machine does not count
    const before = process.cpuUsage();
    expect(await post(body)).toMatch(isStored);
    const { user, system } = process.cpuUsage(before);
    expect((user + system) / 1_000).toBeLessThan(3_000);
  });

  it('is quarantined when our own code throws on it', async () => {
    const faultyOptions: WebhookOptions = {
      maxWebhookAgeDays: null,
      mappings: new Map(),
      get currency(): never {
        throw new TypeError('injected');
      },
    };
    expect(await createPost(faultyOptions)(VALID_BODY)).toBe('202 quarantined');
    expect(await post(VALID_BODY)).toBe('202 queued');
  });

  it('is quarantined when our own code throws on its record', async () => {
    // a value that JSON cannot write
    const faultyOptions: WebhookOptions = {
      maxWebhookAgeDays: null,
      mappings: new Map(),
      currency: 1n as unknown as string,
    };
    expect(await createPost(faultyOptions)(VALID_BODY)).toBe('202 quarantined');
  });

  it('does not stay in memory', async () => {
    setFlagsFromString('--expose-gc');
    const collectGarbage = runInNewContext('gc') as () => void;
    const bodies = [VALID_BODY, VALID_BODY.slice(0, 900), '[]', '{"a":'.repeat(500)];
    const measureHeapAfter = async (webhooks: number): Promise<number> => {
      for (let at = 0; at < webhooks; at += 1) await post(bodies[at % bodies.length] ?? '');
      collectGarbage();
      return process.memoryUsage().heapUsed;
    };
    const warmHeap = await measureHeapAfter(4_000);

    expect(await measureHeapAfter(12_000)).toBeLessThan(1.05 * warmHeap);
  });
});
