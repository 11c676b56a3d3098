import * as v from 'valibot';
import { type RelayRecord, RelayRecordSchema } from '../record/record.ts';
import { type RetryMessage, RetryMessageSchema } from './retry-message.ts';

/** What a message of [records] or [retries] turned out to be. */
export type IncomingMessage =
  | { readonly kind: 'record'; readonly record: RelayRecord }
  | { readonly kind: 'retry'; readonly retry: RetryMessage }
  | { readonly kind: 'unparsable'; readonly issues: string[] };

/** Only a retry wraps a record. */
const WrappedSchema = v.looseObject({ record: v.unknown(), destination: v.unknown() });
const MAX_ISSUES = 10;

/**
 * Parses the body of a message. A queue is a boundary: whoever may write to it may write anything.
 * @returns the message, or where it is not as expected, in words that hold nothing of its content
 */
export function parseMessage(body: string): IncomingMessage {
  const value = parseJson(body);
  if (value === undefined) return { kind: 'unparsable', issues: ['is not JSON'] };
  if (v.is(WrappedSchema, value)) {
    const retry = v.safeParse(RetryMessageSchema, value);
    return retry.success ? { kind: 'retry', retry: retry.output } : toInvalidMessage(retry.issues);
  }
  const record = v.safeParse(RelayRecordSchema, value);
  return record.success
    ? { kind: 'record', record: record.output }
    : toInvalidMessage(record.issues);
}

function parseJson(body: string): unknown {
  try {
    return JSON.parse(body);
  } catch {
    return undefined;
  }
}

/** The schema's own messages quote what they found, so they are not used. */
function toInvalidMessage(schemaIssues: readonly v.BaseIssue<unknown>[]): IncomingMessage {
  const issues = schemaIssues
    .slice(0, MAX_ISSUES)
    .map(
      (issue) =>
        `${v.getDotPath(issue) ?? 'the message'}: expected ${issue.expected ?? issue.type}`,
    );
  return { kind: 'unparsable', issues };
}
