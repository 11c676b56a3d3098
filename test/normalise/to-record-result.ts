import * as v from 'valibot';
import { type Issue, type RelayRecord, RelayRecordSchema } from '../../lib/record/record.ts';
import {
  type ToRecordContext,
  type ToRecordResult,
  toRecord,
} from '../../lib/normalise/to-record.ts';
import { RECEIVED_AT } from '../support/payloads.ts';

export const BODY_HASH = 'c0de'.repeat(16);

/** Reads a body as it would be after JSON.parse. */
export function runToRecord(body: unknown, context: Partial<ToRecordContext> = {}): ToRecordResult {
  return toRecord(body, {
    receivedAt: RECEIVED_AT,
    currency: 'SEK',
    bodyHash: () => BODY_HASH,
    mapping: null,
    ...context,
  });
}

/** The record of a body that must become one, held against the published schema. */
export function requireRecord(body: unknown, context: Partial<ToRecordContext> = {}): RelayRecord {
  const result = runToRecord(body, context);
  if (!result.ok) throw new Error(`not a record: ${JSON.stringify(result.issues)}`);
  return v.parse(RelayRecordSchema, result.record);
}

/** The issues of a body that must not become a record. */
export function requireIssues(
  body: unknown,
  context: Partial<ToRecordContext> = {},
): readonly Issue[] {
  const result = runToRecord(body, context);
  if (result.ok) throw new Error('became a record');
  return result.issues;
}

/** The paths of issues or warnings. */
export function getPaths(issues: readonly Issue[]): string[] {
  return issues.map(({ path }) => path);
}
