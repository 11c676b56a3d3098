import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { mappings } from '../../events/fixture-mappings.ts';
import { type ParseResult, parseWebhook, timesOnArrival } from '../../lib/receive/parse-webhook.ts';
import { codeData } from '../support/payloads.ts';

const RECEIVED_AT = '2026-05-04T10:00:00.000Z';
const parse = (body: Buffer | string, mapping: string | null = null): ParseResult =>
  parseWebhook(Buffer.from(body), mapping, timesOnArrival(RECEIVED_AT, null), {
    currency: 'EUR',
    mappings,
  });
const idOf = (result: ParseResult): string => (result.ok ? result.record.id : result.id);

const BODY = JSON.stringify(codeData());
const withCode = (code: string): string => {
  const { voucher, ...rest } = codeData();
  return JSON.stringify({ ...rest, voucher: { ...(voucher as object), code } });
};

describe('bytes that are not UTF-8', () => {
  it('are never replaced: the webhook is quarantined with that reason', () => {
    const latin1 = Buffer.from(withCode('NO\u00cbL-24'), 'latin1');
    expect(parse(latin1)).toMatchObject({
      ok: false,
      issues: [{ path: '', message: 'Expected text in UTF-8, received other bytes' }],
    });
  });

  it('are found at any place in a valid body', () => {
    const body = Buffer.from(BODY);
    // a byte that no UTF-8 text has, a lead byte alone, half of a surrogate pair, an overlong slash
    const bytes = fc.constantFrom([0xff], [0xc3], [0xed, 0xa0, 0xbd], [0xc0, 0xaf]);
    fc.assert(
      fc.property(fc.nat(body.length), bytes, (at, invalid) => {
        const changed = [body.subarray(0, at), Buffer.from(invalid), body.subarray(at)];
        expect(parse(Buffer.concat(changed)).ok).toBe(false);
      }),
    );
  });
});

describe('a byte order mark before the JSON', () => {
  it('is ignored', () => {
    expect(parse(`\ufeff${BODY}`)).toEqual(parse(BODY));
  });
});

describe('the id of a webhook without one of its own', () => {
  it('is the same however the JSON is laid out, with a byte order mark or without', () => {
    fc.assert(
      fc.property(fc.json(), fc.constantFrom('\t', '  ', 3), fc.boolean(), (json, space, mark) => {
        const value: unknown = JSON.parse(json);
        const laidOut = `${mark ? '\ufeff' : ''}${JSON.stringify(value, null, space)}\r\n`;
        expect(idOf(parse(laidOut))).toBe(idOf(parse(JSON.stringify(value))));
      }),
    );
  });

  it('is the same at every address', () => {
    for (const body of [BODY, '{"To":"mara@example.com"}', 'not JSON']) {
      const ids = [null, 'designer-mail', 'renamed-keys', 'unknown'].map((mapping) =>
        idOf(parse(body, mapping)),
      );
      expect(new Set(ids).size).toBe(1);
    }
  });

  it('differs when anything else in the body does', () => {
    expect(idOf(parse(withCode('HARBOUR 1')))).not.toBe(idOf(parse(withCode('HARBOUR1'))));
  });
});
