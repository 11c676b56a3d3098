import * as v from 'valibot';
import { type Issue, type RelayRecord, RelayRecordSchema } from '../../lib/record/record.ts';
import {
  type ToRecordContext,
  type ToRecordResult,
  toRecord,
} from '../../lib/normalise/to-record.ts';
import { RECEIVED_AT } from '../support/payloads.ts';

export const BODY_HASH = 'c0de'.repeat(16);

/** Runs toRecord with a body, as after JSON.parse. */
export function runToRecord(body: unknown, context: Partial<ToRecordContext> = {}): ToRecordResult {
  return toRecord(body, {
    receivedAt: RECEIVED_AT,
    checkedAt: context.receivedAt ?? RECEIVED_AT,
    currency: 'SEK',
    contentHash: () => BODY_HASH,
    mapping: null,
    oldestCreatedAt: null,
    sourceWarnings: [],
    ...context,
  });
}

/** Returns the record of a body, checked with the record's schema. Throws when there is none. */
export function requireRecord(body: unknown, context: Partial<ToRecordContext> = {}): RelayRecord {
  const result = runToRecord(body, context);
  if (!result.ok) throw new Error(`expected a record, got ${JSON.stringify(result.issues)}`);
  return v.parse(RelayRecordSchema, result.record);
}

/** Returns the issues of a body. Throws when it becomes a record. */
export function requireIssues(
  body: unknown,
  context: Partial<ToRecordContext> = {},
): readonly Issue[] {
  const result = runToRecord(body, context);
  if (result.ok) throw new Error('expected issues, got a record');
  return result.issues;
}

/** Returns the paths of issues or warnings. */
export function getPaths(issues: readonly Issue[]): string[] {
  return issues.map(({ path }) => path);
}
