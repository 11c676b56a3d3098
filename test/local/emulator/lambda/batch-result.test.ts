import { expect, test } from 'vitest';
import { toBatchResult } from '../../../../lib/local/emulator/lambda/batch-result.ts';
import type { InvocationResult } from '../../../../lib/local/emulator/lambda/invocation.ts';

const ids = ['a', 'b', 'c'];
const returned = (payload: unknown): InvocationResult => ({ kind: 'returned', payload });
const failures = (...itemIdentifiers: unknown[]): InvocationResult =>
  returned({ batchItemFailures: itemIdentifiers.map((itemIdentifier) => ({ itemIdentifier })) });

test.each([
  ['null', returned(null)],
  ['an empty object', returned({})],
  ['a null list', returned({ batchItemFailures: null })],
  ['an empty list', failures()],
])('%s means that the whole batch succeeded', (_case, result) => {
  expect(toBatchResult(result, ids, true)).toEqual({
    succeededIds: new Set(ids),
    failureReason: null,
  });
});

test('listed messages stay, the others succeeded', () => {
  expect(toBatchResult(failures('b'), ids, true)).toEqual({
    succeededIds: new Set(['a', 'c']),
    failureReason: null,
  });
  expect(toBatchResult(failures('a', 'b', 'c', 'c'), ids, true).succeededIds).toEqual(new Set());
});

test.each([
  ['a thrown error', { kind: 'threw', error: { type: 'Error', message: '', stack: [] } }],
  ['a timeout', { kind: 'timed_out', timeoutSeconds: 1 }],
  ['a crash', { kind: 'crashed', reason: '' }],
] satisfies [string, InvocationResult][])(
  '%s fails the whole batch, whatever the response type',
  (_case, result) => {
    for (const reportsItemFailures of [true, false]) {
      const batchResult = toBatchResult(result, ids, reportsItemFailures);
      expect(batchResult.succeededIds).toEqual(new Set());
      expect(batchResult.failureReason).toEqual(expect.any(String));
    }
  },
);

test.each([
  ['an unknown id', failures('a', 'z')],
  ['an empty id', failures('')],
  ['an id that is null', failures(null)],
  ['an id under another key', returned({ batchItemFailures: [{ messageId: 'a' }] })],
  ['batchItemFailures that is not a list', returned({ batchItemFailures: 'a' })],
  ['a text', returned('done')],
  ['a number', returned(0)],
  ['a list instead of an object', returned([])],
])('%s fails the whole batch', (_case, result) => {
  const batchResult = toBatchResult(result, ids, true);
  expect(batchResult.succeededIds).toEqual(new Set());
  expect(batchResult.failureReason).toEqual(expect.any(String));
});

test.each([returned(null), returned('done'), failures('a'), failures('z')])(
  'without ReportBatchItemFailures any response means success: %j',
  (result) => {
    expect(toBatchResult(result, ids, false)).toEqual({
      succeededIds: new Set(ids),
      failureReason: null,
    });
  },
);
