import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  anyJson,
  disturbedBody,
  VALID_BODIES,
  listPaths,
  setAt,
} from '../support/arbitrary-bodies.ts';
import { codeData, fromDistribution, publication, voucher } from '../support/payloads.ts';
import { runToRecord } from './to-record-result.ts';

const WRONG: readonly unknown[] = [null, true, -7, 1e308, '', 'wrong', [], [[]], {}, { code: {} }];
const PATH = /^[\w.\- #:]*$/;

/** What is wrong with the result for a body: it must be a record, or issues with a path and a message. */
function findFaults(body: unknown): string[] {
  const result = runToRecord(body);
  if (result.ok) return JSON.stringify(result.record) ? [] : ['a record that is not JSON'];
  const unclear = result.issues.filter(({ path, message }) => !PATH.test(path) || message === '');
  return result.issues.length === 0 ? ['no issue'] : unclear.map(({ path }) => `unclear: ${path}`);
}

function expectRecordOrIssues(body: unknown): void {
  expect(findFaults(body)).toEqual([]);
}

describe('an invalid body', () => {
  it.each([null, true, 7, 'text', [], [{}]])('that is %j is no webhook, as a whole', (body) => {
    expect(runToRecord(body)).toMatchObject({
      ok: false,
      format: null,
      event: null,
      issues: [{ path: '', message: 'Expected a JSON object' }],
    });
  });

  it('gives a record or issues when any path of a valid body has a value of the wrong type', () => {
    const faults: string[] = [];
    for (const body of VALID_BODIES.slice(0, 10)) {
      for (const path of listPaths(body)) {
        for (const value of WRONG) faults.push(...findFaults(setAt(body, path, value)));
      }
    }
    expect(faults).toEqual([]);
  });

  it('gives a record or issues for any JSON', () => {
    fc.assert(fc.property(anyJson, expectRecordOrIssues), { numRuns: 300 });
    fc.assert(fc.property(disturbedBody, expectRecordOrIssues), { numRuns: 300 });
  });

  it('gives a record or issues when it is nested 100,000 levels deep', () => {
    const levels = 100_000;
    const deep: unknown = JSON.parse(`${'['.repeat(levels)}${']'.repeat(levels)}`);
    const deepObject: unknown = JSON.parse(`${'{"a":'.repeat(levels)}1${'}'.repeat(levels)}`);
    for (const value of [deep, deepObject]) {
      expectRecordOrIssues(value);
      for (const path of listPaths(fromDistribution('customer.order.paid', codeData()))) {
        expectRecordOrIssues(
          setAt(fromDistribution('customer.order.paid', codeData()), path, value),
        );
      }
    }
  });

  it('gives a record or issues when it is very wide or has a very long string', () => {
    const wide = Object.fromEntries(
      Array.from({ length: 20_000 }, (_, index) => [`k${index}`, index]),
    );
    expectRecordOrIssues({ ...codeData(), ...wide });
    expectRecordOrIssues(
      codeData({ vouchers: Array.from({ length: 2000 }, () => ({ code: 'A' })) }),
    );
    const many = Array.from({ length: 100_000 }, () => 1);
    expectRecordOrIssues(codeData({ publication: publication({ vouchers_id: many }) }));
    for (const units of [many, many.map(() => ({ unit_off: 'x', effect: 2 }))]) {
      expectRecordOrIssues(codeData({ voucher: voucher({ discount: { type: 'UNIT', units } }) }));
    }
    expectRecordOrIssues(codeData({ note: 'x'.repeat(2_000_000) }));
  });

  it('does not change the prototypes of this process', () => {
    const body: unknown = JSON.parse(
      '{"__proto__": {"polluted": 1}, "constructor": {"prototype": {"polluted": 1}},' +
        '"distribution": {"__proto__": {"polluted": 1}}, "customer": {"id": "c", "metadata":' +
        '{"__proto__": {"polluted": 1}}}, "voucher": {"code": "A", "gift": {"amount": 1},' +
        '"__proto__": {"polluted": 1}, "created_at": "1 1"}}',
    );
    const result = runToRecord(body);
    expect(result.ok).toBe(true);
    expect({}).not.toHaveProperty('polluted');
    expect(Object.getPrototypeOf(result.ok ? result.record.data.unmapped : null)).toBe(
      Object.prototype,
    );
    expect(JSON.stringify(result)).toMatch(/(?:"__proto__":\{"polluted":1\}.*){4}/);
  });

  it('never has its values quoted in issues or warnings', () => {
    const secret = 'SECRET-4711';
    for (const body of VALID_BODIES.slice(0, 10)) {
      for (const path of listPaths(body)) {
        const result = runToRecord(setAt(body, path, secret));
        const messages = result.ok ? result.record.data.warnings : result.issues;
        expect(JSON.stringify(messages)).not.toContain(secret);
      }
    }
  });
});
