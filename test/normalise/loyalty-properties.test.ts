import fc from 'fast-check';
import * as v from 'valibot';
import { describe, expect, it } from 'vitest';
import { redeemableCode } from '../../lib/record/redeemable-code.ts';
import { type RelayRecord, RelayRecordSchema } from '../../lib/record/record.ts';
import { isJsonObject } from '../../lib/voucherify/json.ts';
import { findLostValues } from '../conformance/find-lost-values.ts';
import { anyJson, listPaths, setAt } from '../support/arbitrary-bodies.ts';
import {
  unknownWorkflowBody,
  workflowBody,
  workflowBodyWithResult,
} from '../support/arbitrary-workflow-bodies.ts';
import type { Json } from '../support/payloads.ts';
import { requireRecord, runToRecord } from './to-record-result.ts';

/** Returns the value at a path; undefined when there is none. */
function getAt(value: unknown, ...path: readonly string[]): unknown {
  let current = value;
  for (const key of path) current = isJsonObject(current) ? current[key] : undefined;
  return current;
}

/** Every code that a body allows to hand out, by the rules of docs/record.md and apart from lib/normalise. */
function findAllowedCodes(body: unknown): unknown[] {
  const trigger = getAt(body, 'data', 'trigger');
  const transaction = getAt(isJsonObject(trigger) ? trigger : getAt(body, 'data'), 'transaction');
  const type = getAt(transaction, 'type');
  const isGiven = type === 'PURCHASE' || type === 'FULFILLMENT';
  if (!isGiven || getAt(body, 'event', 'type') !== type) return [];
  if (getAt(transaction, 'status') !== 'APPROVED') return [];
  if ((getAt(transaction, 'details', 'rejection') ?? null) !== null) return [];
  const result = getAt(transaction, 'details', 'result');
  const lists = ['discount_coupons', 'gift_vouchers'].map((key) => getAt(result, 'digital', key));
  const items: unknown[] = [...lists.flat(), getAt(result, 'details')];
  return items
    .filter((item) => (getAt(item, 'result') ?? null) === null)
    .map((item) => getAt(item, 'code'));
}

function findUsableCodes({ data }: RelayRecord): unknown[] {
  return (data.loyalty?.results ?? []).flatMap(({ usable, code }) => (usable ? [code] : []));
}

/** Checks what holds for every webhook of a workflow that becomes a record. */
function checkRecord(body: unknown, record: RelayRecord): void {
  expect(findLostValues(body, record)).toEqual([]);
  const received = v.parse(RelayRecordSchema, JSON.parse(JSON.stringify(record)));
  expect(findLostValues(body, received)).toEqual([]);
  expect(record.type.startsWith('voucherify.workflow.')).toBe(true);
  expect(record.data.purpose).toBe('activity');
  expect(record.data.loyalty).not.toBeNull();
  expect(redeemableCode(record)).toBeNull();
  const allowed = findAllowedCodes(body);
  expect(findUsableCodes(record).filter((code) => !allowed.includes(code))).toEqual([]);
}

describe('any documented webhook of a workflow, with what can be null or missing', () => {
  it('becomes a record without a warning, and loses nothing', () => {
    fc.assert(
      fc.property(workflowBody, (body) => {
        const record = requireRecord(body);
        checkRecord(body, record);
        // a word that is not documented is one of those that the generator adds
        const unexpected = record.data.warnings.filter(({ path }) => !path.endsWith('.result'));
        expect(unexpected).toEqual([]);
      }),
      { numRuns: 300 },
    );
  });

  it('has exactly the usable codes that it allows', () => {
    let usableCount = 0;
    fc.assert(
      fc.property(workflowBodyWithResult, (body) => {
        const record = requireRecord(body);
        checkRecord(body, record);
        const isEmpty = (code: unknown): boolean => code === undefined || code === null;
        const allowed = findAllowedCodes(body).filter((code) => !isEmpty(code));
        const empty = (record.data.loyalty?.results ?? []).filter(({ amount, balance }) =>
          [amount, balance].some((credit) => credit !== null && credit <= 0),
        );
        const spent = new Set<unknown>(empty.map(({ code }) => code));
        const usable = findUsableCodes(record);
        expect(usable).toEqual(allowed.filter((code) => !spent.has(code)));
        usableCount += usable.length;
      }),
      { numRuns: 1_200 },
    );
    expect(usableCount).toBeGreaterThan(5);
  });
});

describe('any webhook of a workflow about an event that nobody documents', () => {
  it('becomes a record, and loses nothing', () => {
    fc.assert(
      fc.property(unknownWorkflowBody, (body) => {
        const result = runToRecord(body);
        if (!result.ok) throw new Error(JSON.stringify(result.issues));
        checkRecord(body, result.record);
      }),
      { numRuns: 300 },
    );
  });
});

const addedKey = fc.oneof(
  fc.string({ maxLength: 8 }),
  fc.constantFrom('__proto__', 'constructor', 'transaction', 'trigger', 'code', 'status', 'result'),
);

/** A webhook with other values and further keys, anywhere in its data. */
function disturb(
  body: Json,
  changes: readonly (readonly [number, string | null, unknown])[],
): Json {
  let disturbed: unknown = body;
  for (const [position, name, value] of changes) {
    const paths = listPaths(disturbed).filter(([key]) => key === 'data');
    const path = paths[position % paths.length] ?? ['data'];
    const target = name === null ? path : [...path.slice(0, -1), name];
    disturbed = setAt(disturbed, target.length > 1 ? target : ['data', 'more'], value);
  }
  return disturbed as Json;
}

describe('any webhook of a workflow whose data is wrong in some places', () => {
  const changes = fc.array(fc.tuple(fc.nat(), fc.option(addedKey, { nil: null }), anyJson), {
    maxLength: 4,
  });

  it.each([
    ['of any event', workflowBody],
    ['with a code', workflowBodyWithResult],
  ])('%s becomes a record, loses nothing, and gives no code by accident', (_, bodies) => {
    fc.assert(
      fc.property(bodies, changes, (body, each) => {
        const disturbed = disturb(body, each);
        const result = runToRecord(disturbed);
        if (!result.ok) throw new Error(JSON.stringify(result.issues));
        checkRecord(disturbed, result.record);
      }),
      { numRuns: 300 },
    );
  });
});
