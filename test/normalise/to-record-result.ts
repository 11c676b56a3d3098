import * as v from 'valibot';
import { type Issue, type RelayRecord, RelayRecordSchema } from '../../lib/record/record.ts';
import { type Intake, type Reading, toRecord } from '../../lib/normalise/to-record.ts';
import { RECEIVED_AT } from '../support/payloads.ts';

export const BODY_HASH = 'c0de'.repeat(16);

/** Reads a body as it would be after JSON.parse. */
export function read(body: unknown, intake: Partial<Intake> = {}): Reading {
  return toRecord(body, {
    receivedAt: RECEIVED_AT,
    currency: 'SEK',
    bodyHash: () => BODY_HASH,
    mapping: null,
    ...intake,
  });
}

/** The record of a body that must become one, held against the published schema. */
export function recordOf(body: unknown, intake: Partial<Intake> = {}): RelayRecord {
  const reading = read(body, intake);
  if (!reading.ok) throw new Error(`not a record: ${JSON.stringify(reading.issues)}`);
  return v.parse(RelayRecordSchema, reading.record);
}

/** The issues of a body that must not become a record. */
export function issuesOf(body: unknown, intake: Partial<Intake> = {}): readonly Issue[] {
  const reading = read(body, intake);
  if (reading.ok) throw new Error('became a record');
  return reading.issues;
}

/** The paths of issues or warnings. */
export function paths(issues: readonly Issue[]): string[] {
  return issues.map(({ path }) => path);
}
