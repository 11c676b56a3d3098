import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import * as v from 'valibot';
import { defineMappings } from '../../lib/normalise/mapping.ts';
import { mappings } from '../../events/fixture-mappings.ts';
import { type ParseResult, parseWebhook, timesOnArrival } from '../../lib/receive/parse-webhook.ts';
import type { RelayRecord } from '../../lib/record/record.ts';
import { codeData, fromDistribution, fromProject, voucher } from '../support/payloads.ts';
import {
  digitalResult,
  fromWorkflow,
  inTrigger,
  transaction,
} from '../support/workflow-payloads.ts';
import { getPaths } from '../normalise/to-record-result.ts';

const TIMES = timesOnArrival('2026-05-04T10:00:00.000Z', null);
const parse = (body: Buffer | string, mapping: string | null = null): ParseResult =>
  parseWebhook(Buffer.from(body), mapping, TIMES, { currency: 'EUR', mappings });
function requireRecord(body: string): RelayRecord {
  const result = parse(body);
  if (!result.ok) throw new Error(`expected a record, got ${JSON.stringify(result.issues)}`);
  return result.record;
}
const idOf = (result: ParseResult): string => (result.ok ? result.record.id : result.id);

const EVENT = 'manual_distribution_schedule';
const BODY = JSON.stringify(fromDistribution(EVENT, codeData({ publication: null })));

/** Puts a second `key` with another value right behind the first occurrence of `"key":value`. */
function duplicate(body: string, key: string, value: string): string {
  const start = body.indexOf(`"${key}":`);
  if (start === -1) throw new Error(`no ${key}`);
  return `${body.slice(0, start)}"${key}":${value},${body.slice(start)}`;
}

describe('a number that a double changes', () => {
  it.each([
    '9223372036854775807',
    '-9007199254740993',
    '0.12345678901234567890',
    '1234567890.12345678',
    '1e-400',
    '123456789012345678e3',
  ])('is a warning that names it: %s', (number) => {
    const { data } = requireRecord(
      BODY.replace('"metadata":{', `"metadata":{"shop_id":${number},`),
    );
    const path = getPaths(data.warnings).find((warned) => warned.endsWith('shop_id'));
    expect(path).toMatch(/metadata\.shop_id$/);
  });

  it('is none when JavaScript writes it with the same digits', () => {
    fc.assert(
      fc.property(fc.double({ noNaN: true, noDefaultInfinity: true }), (number) => {
        for (const text of [String(number), number.toExponential(), JSON.stringify(number)]) {
          const { data } = requireRecord(BODY.replace('"metadata":{', `"metadata":{"n":${text},`));
          expect(data.warnings.filter(({ message }) => message.includes('double'))).toEqual([]);
        }
      }),
    );
  });

  it.each(['1.10', '100', '1e3', '1E+3', '0.0', '-0', '25.00', '9007199254740992', '0e5'])(
    'is none when only its form changes: %s',
    (number) => {
      const { data } = requireRecord(BODY.replace('"metadata":{', `"metadata":{"n":${number},`));
      expect(data.warnings).toEqual([]);
    },
  );

  it('is found in a list, by its index', () => {
    const list = `"metadata":{"list":[1,{"a":9223372036854775807},9223372036854775807],`;
    const { data } = requireRecord(BODY.replace('"metadata":{', list));
    expect(getPaths(data.warnings).map((path) => path.replace(/^.*metadata\./, ''))).toEqual([
      'list.1.a',
      'list.2',
    ]);
  });
});

describe('a key that is there twice', () => {
  it.each([
    ['code', '"OTHER-CODE"'],
    ['source_id', '"someone-else"'],
    ['email', '"else@example.com"'],
    ['active', 'false'],
    ['expiration_date', '"2020-01-01T00:00:00Z"'],
    ['percent_off', '90'],
    ['voucher', '{}'],
    ['customer', '{"id":"cust_other"}'],
    ['data', '{}'],
    ['event', '{"type":"publication.succeeded"}'],
    ['source', '{"object":"webhook"}'],
    ['id', '"whs_other"'],
    ['created_at', '"2026-01-01T00:00:00Z"'],
  ])('and decides about code, customer or value quarantines the webhook: %s', (key, value) => {
    const result = parse(duplicate(BODY, key, value));
    expect(result).toMatchObject({ ok: false });
    expect(result.ok ? [] : getPaths(result.issues)[0]).toMatch(new RegExp(`(^|\\.)${key}$`));
  });

  it.each([
    ['name', '"Else"'],
    ['channel', '"Elsewhere"'],
  ])('and decides about nothing is a warning: %s', (key, value) => {
    const { data } = requireRecord(duplicate(BODY, key, value));
    expect(getPaths(data.warnings)).toHaveLength(1);
    expect(getPaths(data.warnings)[0]).toMatch(new RegExp(`\\.${key}$`));
  });

  it.each([
    ['status', '"PENDING"'],
    ['type', '"REFUND"'],
    ['transaction', '{"id":"lrtx_other"}'],
    ['trigger', '{}'],
    ['details', '{}'],
    ['digital', 'null'],
    ['discount_coupons', '[]'],
    ['code', '"OTHER-1"'],
    ['member_id', '"lmbr_other"'],
  ])('and decides about a code of a reward quarantines the webhook: %s', (key, value) => {
    const data = inTrigger('PURCHASE', transaction('PURCHASE', digitalResult()));
    const body = JSON.stringify(fromWorkflow('PURCHASE', data));
    expect(parse(body).ok).toBe(true);
    const result = parse(duplicate(body, key, value));
    expect(result.ok ? [] : getPaths(result.issues)[0]).toMatch(new RegExp(`(^|\\.)${key}$`));
  });

  it("is a warning in a merchant's metadata, whatever its name", () => {
    const body = BODY.replace('"metadata":{', '"metadata":{"code":"A","code":"B",');
    expect(getPaths(requireRecord(body).data.warnings)[0]).toMatch(/metadata\.code$/);
  });

  it('is a warning when all its values are equal, however they are written', () => {
    const { code } = voucher() as { code: string };
    const escaped = `"\\u00${code.charCodeAt(0).toString(16)}${code.slice(1)}"`;
    const { data } = requireRecord(duplicate(BODY, 'code', escaped));
    expect(data.voucher?.code).toBe(code);
    expect(getPaths(data.warnings)).toEqual(['data.voucher.code']);
  });

  it('is found when the second one is written with escapes', () => {
    const body = BODY.replace('"code":', String.raw`"c\u006fde":"OTHER","code":`);
    expect(parse(body).ok).toBe(false);
  });

  it('is found however the body is laid out, and in a text it is none', () => {
    const keys = fc.constantFrom('a', 'b', '__proto__', 'constructor', 'a"b', '\\', '{');
    const pairs = fc.array(fc.tuple(keys, fc.jsonValue({ maxDepth: 2 })), { maxLength: 6 });
    fc.assert(
      fc.property(pairs, fc.constantFrom('', ' ', '\n\t'), (entries, space) => {
        const members = entries.map(
          ([key, value]) =>
            `${space}${JSON.stringify(key)}${space}:${space}${JSON.stringify(value, null, space)}`,
        );
        const body = BODY.replace('"metadata":{', () => `"metadata":{"in":{${members.join(',')}},`);
        const { data } = requireRecord(body);
        const repeated = entries.filter(
          ([key], index) => entries.findIndex(([other]) => other === key) < index,
        ).length;
        expect(data.warnings.filter(({ message }) => message.includes('several'))).toHaveLength(
          repeated,
        );
      }),
    );
  });

  it('quarantines any webhook of a mapping, which can give every key a meaning', () => {
    const body = '{"To":"mara@example.com","To":"else@example.com"}';
    expect(parse(body, 'renamed-keys')).toMatchObject({ ok: false, issues: [{ path: 'To' }] });
  });
});

describe('the id of a webhook in quarantine', () => {
  const ENVELOPE = fromDistribution(EVENT, codeData(), { id: 'whs_known1' });
  const NO_CUSTOMER = fromDistribution(EVENT, codeData({ customer: null, publication: null }), {
    id: 'whs_known1',
  });
  it.each<[string, Buffer | string, string | null]>([
    ['an address without a mapping', JSON.stringify(ENVELOPE), 'unknown'],
    ['no customer', JSON.stringify(NO_CUSTOMER), null],
    ['data that is no object', JSON.stringify({ ...ENVELOPE, data: 'none' }), null],
    ['no event', JSON.stringify({ ...ENVELOPE, event: null }), null],
    ['broken JSON', JSON.stringify(ENVELOPE).slice(0, -1), null],
    ['broken JSON, laid out', JSON.stringify(ENVELOPE, null, 2).slice(0, -1), null],
    [
      'bytes that are not UTF-8',
      Buffer.from(JSON.stringify({ ...ENVELOPE, note: '\u00cb' }), 'latin1'),
      null,
    ],
    ['a key with two values', duplicate(JSON.stringify(ENVELOPE), 'code', '"OTHER"'), null],
  ])("is the sender's own, with %s", (_, body, mapping) => {
    const result = parse(body, mapping);
    expect(result.ok).toBe(false);
    expect(idOf(result)).toBe('whs_known1');
  });

  it("is a hash where only a text or a merchant's own key says otherwise", () => {
    for (const body of [
      JSON.stringify({ note: '"id":"whs_quoted1"' }).slice(0, -1),
      JSON.stringify({ id: 'order-7' }),
      JSON.stringify({ nested: { id: 'whs_inner1' } }),
    ]) {
      expect(idOf(parse(body))).toMatch(/^sha_[0-9a-f]{64}$/);
    }
  });
});

describe('the id of a test webhook', () => {
  it.each(['whs', 'wh', 'distr', 'pub', 'v', 'cust'])(
    "has one of Voucherify's prefixes and zeros: %s",
    (prefix) => {
      const id = `${prefix}_000000000000000000`;
      const data = codeData({ customer: { id }, publication: null });
      expect(requireRecord(JSON.stringify(fromDistribution(EVENT, data))).data.test).toBe(true);
    },
  );

  it.each(['user_0', 'crm_000', 'customer_00', 'ord_0', 'v_10', 'xcust_0', 'cust_0x'])(
    'is not %s',
    (id) => {
      const data = codeData({ customer: { id }, publication: null });
      expect(requireRecord(JSON.stringify(fromDistribution(EVENT, data))).data.test).toBe(false);
    },
  );

  it('is none that a mapping returned, whatever its prefix', () => {
    const ids = v.pipe(
      v.object({ guest: v.string() }),
      v.transform(({ guest }) => ({
        customer: { id: guest },
        voucher: { id: 'v_0', code: 'HARBOUR-1' },
      })),
    );
    const result = parseWebhook(Buffer.from('{"guest":"cust_0"}'), 'own', TIMES, {
      currency: null,
      mappings: defineMappings({ own: ids }),
    });
    expect(result.ok && result.record.data.test).toBe(false);
  });
});

describe('a project webhook', () => {
  it('is quarantined for a key with two values, too', () => {
    const body = JSON.stringify(fromProject('voucher.updated', { voucher: voucher() }));
    expect(parse(duplicate(body, 'active', 'false')).ok).toBe(false);
  });
});
