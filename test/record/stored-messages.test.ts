import { readdirSync, readFileSync } from 'node:fs';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { toCloudEvent, withoutUnmapped } from '../../lib/destinations/cloud-event.ts';
import { parseMessage, type QueueMessage } from '../../lib/fan-out/queue-messages.ts';
import type { RelayRecord } from '../../lib/record/record.ts';
import { decideDeadLetter } from '../../lib/operator/dead-letters.ts';
import { decideQuarantined } from '../../lib/operator/quarantine.ts';
import { isJsonObject, setOwn } from '../../lib/voucherify/json.ts';
import { validatePublished } from '../docs/record-validators.ts';
import { runToRecord } from '../normalise/to-record-result.ts';
import { anyJson, disturbedBody, setAt } from '../support/arbitrary-bodies.ts';

/** The messages of each queue as a release wrote them. The files stay, and none is ever changed. */
const STORED = new URL('stored/', import.meta.url);
const readStored = (queue: string): readonly (readonly [name: string, body: string])[] =>
  readdirSync(STORED).flatMap((release) =>
    readdirSync(new URL(`${release}/${queue}`, STORED)).map((file): [string, string] => [
      `${release}/${queue}/${file}`,
      readFileSync(new URL(`${release}/${queue}/${file}`, STORED), 'utf8'),
    ]),
  );

const parse = (body: string): object => JSON.parse(body) as object;
const now = (): Date => new Date('2026-11-01T00:00:00.000Z');
const aReceived = (body: string) => ({ body, handle: 'h', sentAt: new Date(0) });
const ANY = { ids: null, reasons: null, since: null, until: null };
const unused = (): Promise<void> => expect.unreachable('only decided');

describe('a message that a release left on a queue is read by this one', () => {
  it.each(readStored('records'))('%s', (_, body) => {
    const message = parseMessage(body);
    expect(message).toMatchObject({ kind: 'record', record: parse(body) });
    expect(message.kind === 'record' && validatePublished(message.record)).toEqual([]);
  });

  it.each(readStored('deliveries'))('%s', (_, body) => {
    expect(parseMessage(body)).toMatchObject({ kind: 'delivery', delivery: parse(body) });
  });

  it.each(readStored('dead-letters'))('%s', (name, body) => {
    const filter = {
      ...ANY,
      destination: null,
      as: null,
      dryRun: false,
    };
    const deps = {
      enqueueRecord: unused,
      enqueueDelivery: unused,
      indexDelivery: unused,
      now,
    };
    const { result } = decideDeadLetter(deps, filter, aReceived(body));
    const isDelivery = !name.endsWith('/invalid-message.json');
    expect(result.status).toBe(isDelivery ? 'replayed' : 'unparsable');
  });

  it.each(readStored('quarantine'))('%s', (_, body) => {
    const normalise = { currency: null, maxWebhookAgeDays: null, mappings: new Map() };
    const deps = {
      normalise,
      enqueueRecord: unused,
      enqueueDelivery: unused,
      indexDelivery: unused,
      now,
    };
    const filter = { ...ANY, acceptLate: false };
    expect(decideQuarantined(deps, filter, aReceived(body)).result.status).toBe('invalid');
  });

  it.each(readStored('consumers'))('%s conforms to the published schema', (_, body) => {
    expect(validatePublished(parse(body))).toEqual([]);
  });
});

/** Keys of which null would be a statement that nobody made, by where they are in a record. */
const STATED = new Set(
  [
    // CloudEvents: what it is, and of which webhook
    ...'specversion id source type time datacontenttype dataschema data'.split(' '),
    // what to do, for whom, with what; whether it is real; which day counts
    ...'purpose test receivedAt voucher promotionTier customer publication'
      .split(' ')
      .map((key) => `data.${key}`),
    ...'id sourceId email phone'.split(' ').map((key) => `data.customer.${key}`),
    // the business key, and whether the customer has the code
    ...'id result'.split(' ').map((key) => `data.publication.${key}`),
    // the code, its value, and whether it can be used
    ...'code value usable unusableReasons active expiresAt redemptions redemptions.limit redemptions.used redemptions.left'
      .split(' ')
      .map((key) => `data.voucher.${key}`),
    'data.promotionTier.value',
    ...['data.voucher.value', 'data.promotionTier.value'].flatMap((value) =>
      (
        'form amountOff percentOff fixedAmount amountLimit totalLimit formula fallback amount balance points raw ' +
        'units units.#.unitType units.#.unitOff units.#.formula units.#.fallback'
      )
        .split(' ')
        .map((key) => `${value}.${key}`),
    ),
    // of a loyalty program: what happened to whom, and which codes can be handed out
    ...(
      'member member.id transaction transaction.id transaction.object transaction.type transaction.status ' +
      'points points.total points.change points.direction points.pending results results.#.code ' +
      'results.#.usable results.#.result workflow'
    )
      .split(' ')
      .map((key) => `data.loyalty.${key}`),
    ...'path message'.split(' ').map((key) => `data.warnings.#.${key}`),
  ].flatMap((path) => [path, path.replace('data.voucher.', 'data.otherVouchers.#.')]),
);
/** Read as empty when they are missing; all others as null. */
const EMPTY: ReadonlyMap<string, unknown> = new Map<string, unknown>([
  ['data.otherVouchers', []],
  ['data.warnings', []],
  ['data.publication.voucherIds', []],
  ['data.unmapped', {}],
]);
/** The merchant's or the sender's own keys: nothing there has a meaning for us. */
const isOpaque = (pattern: string): boolean => /\.(metadata|unmapped|raw)$/.test(pattern);
const toPattern = (path: readonly string[]): string =>
  path.map((step) => (/^\d+$/.test(step) ? '#' : step)).join('.');

/** The paths of all keys of a record that have a meaning for us, outer before inner. */
function listKeys(value: unknown, path: readonly string[] = []): (readonly string[])[] {
  if (typeof value !== 'object' || value === null || isOpaque(toPattern(path))) return [];
  return Object.entries(value).flatMap(([key, inner]) => {
    const innerPath = [...path, key];
    const innerKeys = listKeys(inner, innerPath);
    if (!Array.isArray(value)) innerKeys.unshift(innerPath);
    return innerKeys;
  });
}

const without = (record: unknown, path: readonly string[]): unknown =>
  JSON.parse(JSON.stringify(setAt(record, path, undefined)));
const read = (record: unknown): QueueMessage => parseMessage(JSON.stringify(record));

function requireRecordOf(message: QueueMessage): RelayRecord {
  if (message.kind === 'record') return message.record;
  if (message.kind === 'delivery') return message.delivery.record;
  if (message.kind === 'dead_letter') return message.record;
  throw new Error(`Not read: ${message.issues.join()}`);
}

const STORED_RECORDS = readStored('records').map(([, body]) => parse(body));
/** A record as it is after a queue. */
const anyRecord: fc.Arbitrary<RelayRecord> = disturbedBody
  .map((body) => runToRecord(body))
  .filter((result) => result.ok)
  .map(({ record }) => JSON.parse(JSON.stringify(record)) as RelayRecord);

describe('a record that was written before a key came', () => {
  it('reads as if the key were null, or empty, whichever keys are missing at any depth', () => {
    let removed = 0;
    fc.assert(
      fc.property(anyRecord, fc.infiniteStream(fc.boolean()), (record, choice) => {
        const optional = listKeys(record).filter((path) => {
          const pattern = toPattern(path);
          return pattern !== 'subject' && !STATED.has(pattern);
        });
        let older: unknown = record;
        let expected: unknown = record;
        for (const path of optional.toReversed()) {
          if (choice.next().value !== true) continue;
          older = without(older, path);
          expected = setAt(expected, path, EMPTY.get(toPattern(path)) ?? null);
          removed += 1;
        }
        expect(read(older)).toEqual({ kind: 'record', record: expected });
      }),
      { numRuns: 300 },
    );
    expect(removed).toBeGreaterThan(1_000);
  });

  it('is no record when a key is missing that says what to do, for whom, with what or until when', () => {
    const seen = new Set<string>();
    for (const record of STORED_RECORDS) {
      for (const path of listKeys(record).filter((one) => STATED.has(toPattern(one)))) {
        seen.add(toPattern(path));
        expect(read(without(record, path)), path.join('.')).toMatchObject({ kind: 'invalid' });
      }
    }
    expect(seen.size).toBeGreaterThan(45);
  });

  it('is written with every key by this release', () => {
    fc.assert(
      fc.property(anyRecord, (record) => {
        expect(validatePublished(record)).toEqual([]);
        expect(record.data).toHaveProperty('unmapped');
      }),
      { numRuns: 200 },
    );
  });
});

/** JSON with the keys of each object in order, so that only content counts. */
function canonical(value: unknown): string {
  return JSON.stringify(value, (_, inner: unknown) => {
    if (!isJsonObject(inner)) return inner;
    const sorted: { [key: string]: unknown } = {};
    for (const key of Object.keys(inner).sort()) setOwn(sorted, key, inner[key]);
    return sorted;
  });
}

describe('a record of a newer release', () => {
  const unknownKey = fc.oneof(
    fc.string({ maxLength: 6 }).map((text) => `new ${text}`),
    fc.constantFrom('__proto__', 'constructor', 'prototype', 'toString', 'hasOwnProperty'),
  );
  const additions = fc.array(fc.tuple(fc.nat(), unknownKey, anyJson), {
    minLength: 1,
    maxLength: 6,
  });

  it('keeps the keys that this one does not know, at any depth, on the way to the consumer', () => {
    fc.assert(
      fc.property(anyRecord, additions, (record, added) => {
        let newer: unknown = record;
        for (const [position, key, value] of added) {
          const holders = listKeys(newer).map((path) => path.slice(0, -1));
          newer = setAt(newer, [...(holders[position % holders.length] ?? []), key], value);
        }
        const delivery = {
          record: newer,
          destination: 'crm',
          requestedAt: '2026-03-05T09:15:05.000Z',
        };
        for (const one of [requireRecordOf(read(newer)), requireRecordOf(read(delivery))]) {
          expect(canonical(JSON.parse(toCloudEvent(one).text))).toBe(canonical(newer));
          const compact = JSON.parse(toCloudEvent(withoutUnmapped(one)).text) as unknown;
          expect(canonical(compact)).toBe(canonical(without(newer, ['data', 'unmapped'])));
        }
      }),
      { numRuns: 300 },
    );
  });
});
