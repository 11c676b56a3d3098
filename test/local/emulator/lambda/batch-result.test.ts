import { expect, test } from 'vitest';
import { batchVerdict } from '../../../../lib/local/emulator/lambda/batch-result.ts';
import type { Outcome } from '../../../../lib/local/emulator/lambda/invocation.ts';

const ids = ['a', 'b', 'c'];
const returned = (payload: unknown): Outcome => ({ kind: 'returned', payload });
const failures = (...itemIdentifiers: unknown[]): Outcome =>
  returned({ batchItemFailures: itemIdentifiers.map((itemIdentifier) => ({ itemIdentifier })) });

test.each([
  ['null', returned(null)],
  ['an empty object', returned({})],
  ['a null list', returned({ batchItemFailures: null })],
  ['an empty list', failures()],
])('%s means that all of the batch is done', (_case, outcome) => {
  expect(batchVerdict(outcome, ids, true)).toEqual({ done: new Set(ids), failedBecause: null });
});

test('listed messages stay, the others are done', () => {
  expect(batchVerdict(failures('b'), ids, true)).toEqual({
    done: new Set(['a', 'c']),
    failedBecause: null,
  });
  expect(batchVerdict(failures('a', 'b', 'c', 'c'), ids, true).done).toEqual(new Set());
});

test.each([
  ['a thrown error', { kind: 'threw', error: { type: 'Error', message: '', stack: [] } }],
  ['a time-out', { kind: 'timed_out', afterSeconds: 1 }],
  ['a crash', { kind: 'crashed', reason: '' }],
] satisfies [string, Outcome][])(
  '%s keeps the whole batch, whatever the response type',
  (_case, outcome) => {
    for (const reportsItemFailures of [true, false]) {
      const verdict = batchVerdict(outcome, ids, reportsItemFailures);
      expect(verdict.done).toEqual(new Set());
      expect(verdict.failedBecause).toEqual(expect.any(String));
    }
  },
);

test.each([
  ['an unknown id', failures('a', 'z')],
  ['an empty id', failures('')],
  ['an id that is null', failures(null)],
  ['an id under another key', returned({ batchItemFailures: [{ messageId: 'a' }] })],
  ['a list that is none', returned({ batchItemFailures: 'a' })],
  ['a text', returned('done')],
  ['a number', returned(0)],
  ['a list in place of the object', returned([])],
])('%s keeps the whole batch', (_case, outcome) => {
  const verdict = batchVerdict(outcome, ids, true);
  expect(verdict.done).toEqual(new Set());
  expect(verdict.failedBecause).toEqual(expect.any(String));
});

test.each([returned(null), returned('done'), failures('a'), failures('z')])(
  'without item failures any answer means that all is done: %j',
  (outcome) => {
    expect(batchVerdict(outcome, ids, false)).toEqual({ done: new Set(ids), failedBecause: null });
  },
);
