import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { createReceive } from '../../lib/receive/receive.ts';
import type { Reader } from '../../lib/receive/parse-webhook.ts';
import { signingKey } from '../../lib/voucherify/signature.ts';
import { pathsOf, planted } from '../support/arbitrary-bodies.ts';
import { recordingJournal } from '../support/recording-telemetry.ts';
import { bodyOf, LOCAL_SECRET, sample, withBody } from '../support/samples.ts';

const EVENT = sample('code-percent-discount');
const GOOD = bodyOf(EVENT).toString('utf8');
const NOTHING_MAPPED: Reader = { currency: 'EUR', mappings: new Map() };

/** Posts a body, signed, and gives the answer's status: 202 with what was stored, or the refusal. */
function poster(reader: Reader = NOTHING_MAPPED) {
  const receive = createReceive({
    signingKeys: async () => [signingKey(LOCAL_SECRET)],
    queueRecord: async () => {},
    quarantine: async () => {},
    sender: { region: null, elsewhere: 'count' },
    reader,
    journal: { ...recordingJournal(), webhook() {} },
    now: () => new Date('2026-03-05T09:15:04.000Z'),
  });
  return async (body: Buffer | string): Promise<string> => {
    const answer = await receive(withBody(EVENT, body));
    const { status } = JSON.parse(answer.body) as { status: unknown };
    return `${answer.statusCode} ${String(status)}`;
  };
}

const WEIRD_VALUES = [null, true, -1, 'x', '', [], {}, [[]], { object: 'voucher' }] as const;

describe('a genuine body, however bad,', () => {
  const post = poster();
  const stored = /^202 (queued|quarantined)$/;

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
        expect(await post(json)).toMatch(stored);
      }),
    );
  });

  it('is quarantined wherever it is cut off', async () => {
    for (let length = 0; length < GOOD.length; length += 1) {
      expect(await post(GOOD.slice(0, length))).toBe('202 quarantined');
    }
  });

  it.each(WEIRD_VALUES)('is stored with the value %j at any path', async (weird) => {
    const good: unknown = JSON.parse(GOOD);
    for (const path of pathsOf(good)) {
      expect(await post(JSON.stringify(planted(good, path, weird)))).toMatch(stored);
    }
  });

  it.each([
    ['a hundred thousand lists in one another', '['.repeat(100_000) + ']'.repeat(100_000)],
    [
      'a hundred thousand objects in one another',
      '{"data":'.repeat(100_000) + '1' + '}'.repeat(100_000),
    ],
    ['a huge text', GOOD.replace('HARBOUR-PCT7KD93', 'x'.repeat(3_000_000))],
    ['a huge number', GOOD.replace('"percent_off":15', `"percent_off":${'9'.repeat(400)}`)],
    ['a key twice', GOOD.replace('{"id"', '{"id":"whs_first","id"')],
    [
      'prototype keys',
      GOOD.replace(
        '{"id"',
        '{"__proto__":{"polluted":true},"constructor":{"prototype":{"polluted":true}},"id"',
      ),
    ],
    ['a text that SQS refuses', GOOD.replace('Mara', '\uFFFE\uFFFF\\u0000')],
  ])('is stored with %s', async (_what, body) => {
    expect(await post(body)).toMatch(stored);
    expect(Object.hasOwn(Object.prototype, 'polluted')).toBe(false);
  });

  it('is quarantined when our own code fails on it', async () => {
    const faulty: Reader = {
      mappings: new Map(),
      get currency(): never {
        throw new TypeError('planted');
      },
    };
    expect(await poster(faulty)(GOOD)).toBe('202 quarantined');
    expect(await post(GOOD)).toBe('202 queued');
  });

  it('is quarantined when our own code fails on the record that it became', async () => {
    // a value that JSON cannot write
    const faulty: Reader = { mappings: new Map(), currency: 1n as unknown as string };
    expect(await poster(faulty)(GOOD)).toBe('202 quarantined');
  });

  it('leaves nothing behind in memory', async () => {
    setFlagsFromString('--expose-gc');
    const collectGarbage = runInNewContext('gc') as () => void;
    const bodies = [GOOD, GOOD.slice(0, 900), '[]', '{"a":'.repeat(500)];
    const heapAfter = async (webhooks: number): Promise<number> => {
      for (let at = 0; at < webhooks; at += 1) await post(bodies[at % bodies.length] ?? '');
      collectGarbage();
      return process.memoryUsage().heapUsed;
    };
    const warm = await heapAfter(4_000);

    expect(await heapAfter(12_000)).toBeLessThan(1.05 * warm);
  });
});
