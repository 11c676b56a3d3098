import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  anyJson,
  disturbedBody,
  GOOD_BODIES,
  pathsOf,
  planted,
} from '../support/arbitrary-bodies.ts';
import { codeData, fromDistribution, publication, voucher } from '../support/payloads.ts';
import { read } from './to-record-result.ts';

const WRONG: readonly unknown[] = [null, true, -7, 1e308, '', 'wrong', [], [[]], {}, { code: {} }];
const PATH = /^[\w.\- #:]*$/;

/** What is wrong with the answer to a body; nothing, when it is a record or says what is amiss and where. */
function faultsOf(body: unknown): string[] {
  const reading = read(body);
  if (reading.ok) return JSON.stringify(reading.record) ? [] : ['a record that is no JSON'];
  const unclear = reading.issues.filter(({ path, message }) => !PATH.test(path) || message === '');
  return reading.issues.length === 0 ? ['no issue'] : unclear.map(({ path }) => `unclear: ${path}`);
}

function answers(body: unknown): void {
  expect(faultsOf(body)).toEqual([]);
}

describe('a body that is not as it should be', () => {
  it('is answered, with the wrong type at any path of a good one', () => {
    const faults: string[] = [];
    for (const body of GOOD_BODIES.slice(0, 10)) {
      for (const path of pathsOf(body)) {
        for (const value of WRONG) faults.push(...faultsOf(planted(body, path, value)));
      }
    }
    expect(faults).toEqual([]);
  });

  it('is answered, whatever JSON it is', () => {
    fc.assert(fc.property(anyJson, answers), { numRuns: 300 });
    fc.assert(fc.property(disturbedBody, answers), { numRuns: 300 });
  });

  it('is answered when it is nested without end', () => {
    const levels = 100_000;
    const deep: unknown = JSON.parse(`${'['.repeat(levels)}${']'.repeat(levels)}`);
    const deepObject: unknown = JSON.parse(`${'{"a":'.repeat(levels)}1${'}'.repeat(levels)}`);
    for (const value of [deep, deepObject]) {
      answers(value);
      for (const path of pathsOf(fromDistribution('customer.order.paid', codeData()))) {
        answers(planted(fromDistribution('customer.order.paid', codeData()), path, value));
      }
    }
  });

  it('is answered when it is very wide, or a text is very long', () => {
    const wide = Object.fromEntries(
      Array.from({ length: 20_000 }, (_, index) => [`k${index}`, index]),
    );
    answers({ ...codeData(), ...wide });
    answers(codeData({ vouchers: Array.from({ length: 2000 }, () => ({ code: 'A' })) }));
    const many = Array.from({ length: 100_000 }, () => 1);
    answers(codeData({ publication: publication({ vouchers_id: many }) }));
    for (const units of [many, many.map(() => ({ unit_off: 'x', effect: 2 }))]) {
      answers(codeData({ voucher: voucher({ discount: { type: 'UNIT', units } }) }));
    }
    answers(codeData({ note: 'x'.repeat(2_000_000) }));
  });

  it('leaves the prototypes of this process alone', () => {
    const body: unknown = JSON.parse(
      '{"__proto__": {"polluted": 1}, "constructor": {"prototype": {"polluted": 1}},' +
        '"distribution": {"__proto__": {"polluted": 1}}, "customer": {"id": "c", "metadata":' +
        '{"__proto__": {"polluted": 1}}}, "voucher": {"code": "A", "gift": {"amount": 1},' +
        '"__proto__": {"polluted": 1}, "created_at": "1 1"}}',
    );
    const reading = read(body);
    expect(reading.ok).toBe(true);
    expect({}).not.toHaveProperty('polluted');
    expect(Object.getPrototypeOf(reading.ok ? reading.record.data.rest : null)).toBe(
      Object.prototype,
    );
    expect(JSON.stringify(reading)).toMatch(/(?:"__proto__":\{"polluted":1\}.*){4}/);
  });

  it('never has a value of it in what is said about it', () => {
    const secret = 'SECRET-4711';
    for (const body of GOOD_BODIES.slice(0, 10)) {
      for (const path of pathsOf(body)) {
        const reading = read(planted(body, path, secret));
        const said = reading.ok ? reading.record.data.warnings : reading.issues;
        expect(JSON.stringify(said)).not.toContain(secret);
      }
    }
  });
});
