import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { createReceive } from '../../lib/receive/receive.ts';
import type { NormaliseOptions } from '../../lib/receive/parse-webhook.ts';
import { toSigningKey } from '../../lib/voucherify/signature.ts';
import { listPaths, setAt } from '../support/arbitrary-bodies.ts';
import { recordingTelemetry } from '../support/recording-telemetry.ts';
import { readBody, LOCAL_SECRET, sample, withBody } from '../support/samples.ts';

const EVENT = sample('code-percent-discount');
const VALID_BODY = readBody(EVENT).toString('utf8');
const NO_MAPPINGS: NormaliseOptions = { currency: 'EUR', mappings: new Map() };

/** Posts a body, signed, and gives the answer's status: 202 with what was stored, or the refusal. */
function createPost(normalise: NormaliseOptions = NO_MAPPINGS) {
  const receive = createReceive({
    signingKeys: async () => [toSigningKey(LOCAL_SECRET)],
    enqueueRecord: async () => {},
    enqueueQuarantine: async () => {},
    senderIpCheck: { region: null, mode: 'report' },
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

const WEIRD_VALUES = [null, true, -1, 'x', '', [], {}, [[]], { object: 'voucher' }] as const;

describe('a genuine body, however bad,', () => {
  const post = createPost();
  const isStored = /^202 (queued|quarantined)$/;

  it('is stored when it is random bytes', async () => {
    await fc.assert(
      fc.asyncProperty(fc.uint8Array({ maxLength: 2_000 }), async (bytes) => {
        expect(await post(Buffer.from(bytes))).toBe('202 quarantined');
      }),
    );
  });

  it('is stored when it is any JSON at all', async () => {
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

  it.each(WEIRD_VALUES)('is stored with the value %j at any path', async (weird) => {
    const good: unknown = JSON.parse(VALID_BODY);
    for (const path of listPaths(good)) {
      expect(await post(JSON.stringify(setAt(good, path, weird)))).toMatch(isStored);
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
    ['a text that SQS refuses', VALID_BODY.replace('Mara', '\uFFFE\uFFFF\\u0000')],
  ])('is stored with %s', async (_what, body) => {
    expect(await post(body)).toMatch(isStored);
    expect(Object.hasOwn(Object.prototype, 'polluted')).toBe(false);
  });

  it('is quarantined when our own code fails on it', async () => {
    const faultyOptions: NormaliseOptions = {
      mappings: new Map(),
      get currency(): never {
        throw new TypeError('planted');
      },
    };
    expect(await createPost(faultyOptions)(VALID_BODY)).toBe('202 quarantined');
    expect(await post(VALID_BODY)).toBe('202 queued');
  });

  it('is quarantined when our own code fails on the record that it became', async () => {
    // a value that JSON cannot write
    const faultyOptions: NormaliseOptions = {
      mappings: new Map(),
      currency: 1n as unknown as string,
    };
    expect(await createPost(faultyOptions)(VALID_BODY)).toBe('202 quarantined');
  });

  it('leaves nothing behind in memory', async () => {
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
