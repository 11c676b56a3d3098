import { isUtf8 } from 'node:buffer';
import { createHash } from 'node:crypto';
import { errorName } from '../error-name.ts';
import type { Issue, RelayRecord } from '../record/record.ts';
import { toContentHashId } from '../record/record-id.ts';
import type { Mapping } from '../normalise/mapping.ts';
import { toRecord } from '../normalise/to-record.ts';
import { stripByteOrderMark, stripJsonWhitespace } from '../voucherify/json-whitespace.ts';

/** The settings that parsing needs beside the bytes. */
export interface NormaliseOptions {
  /** The project's currency (ISO 4217), which webhooks do not carry. */
  readonly currency: string | null;
  /** The merchant's mappings, by the name at the end of the address. */
  readonly mappings: ReadonlyMap<string, Mapping>;
}

/** A genuine webhook that goes to quarantine: why, and what could be read of it. */
export interface InvalidWebhook {
  readonly id: string;
  readonly format: string | null;
  readonly event: string | null;
  readonly issues: readonly Issue[];
}

/** The record of a webhook, or what is known of a webhook that is not valid. */
export type ParseResult =
  | { readonly ok: true; readonly record: RelayRecord }
  | ({ readonly ok: false } & InvalidWebhook);

/** Enough to see what is wrong; a body can be wrong in a thousand places. */
const MAX_ISSUES = 50;

/**
 * Parses the bytes of a genuine webhook into a record. Never throws: when our own code fails on a
 * genuine body, the webhook counts as invalid and is kept in quarantine.
 * @param body the bytes as they were received
 * @param receivedAt RFC 3339, the time at which the voucher is checked for use
 */
export function parseWebhook(
  body: Buffer,
  mappingName: string | null,
  receivedAt: string,
  options: NormaliseOptions,
): ParseResult {
  // what no signature covers does not count: the address, and how the JSON is laid out
  const contentHash = (): string =>
    createHash('sha256')
      .update(stripJsonWhitespace(stripByteOrderMark(body)))
      .digest('hex');
  const invalid = (issues: readonly Issue[]): ParseResult => ({
    ok: false,
    id: toContentHashId(contentHash()),
    format: null,
    event: null,
    issues,
  });

  const mapping = mappingName === null ? null : options.mappings.get(mappingName);
  if (mapping === undefined) {
    const names = [...options.mappings.keys()].join(', ') || 'none';
    return invalid([
      {
        path: '',
        message: `No mapping of this name in functions/mappings.ts; known are: ${names}`,
      },
    ]);
  }
  const json = parseJson(body);
  if (!json.ok) return invalid([json.issue]);

  try {
    const result = toRecord(json.value, {
      receivedAt,
      contentHash,
      mapping,
      currency: options.currency,
    });
    if (result.ok) return { ok: true, record: result.record };
    return {
      ok: false,
      id: result.id,
      format: result.format,
      event: result.event,
      issues: truncateIssues(result.issues),
    };
  } catch (error) {
    return invalid([internalErrorIssue(error)]);
  }
}

/** The issue of a webhook on which our own code failed: the name of the error, never its message. */
export function internalErrorIssue(error: unknown): Issue {
  const kind = errorName(error);
  return {
    path: '',
    message: `voucher-relay itself failed on this webhook (${kind}); please report it`,
  };
}

/** Replaces nothing: a byte that is not UTF-8 could be part of a code. Ignores a byte order mark. */
const UTF8 = new TextDecoder('utf-8', { fatal: true });

function parseJson(body: Buffer): { ok: true; value: unknown } | { ok: false; issue: Issue } {
  try {
    return { ok: true, value: JSON.parse(UTF8.decode(body)) };
  } catch {
    // the parser's own message quotes the body
    return { ok: false, issue: { path: '', message: describeUnparsable(body) } };
  }
}

function describeUnparsable(body: Buffer): string {
  if (body.length === 0) return 'Expected a body, received none';
  if (!isUtf8(body)) return 'Expected text in UTF-8, received other bytes';
  return 'Expected JSON, received something else';
}

function truncateIssues(issues: readonly Issue[]): readonly Issue[] {
  if (issues.length <= MAX_ISSUES) return issues;
  const omittedCount = issues.length - MAX_ISSUES;
  return [
    ...issues.slice(0, MAX_ISSUES),
    { path: '', message: `${omittedCount} more issues left out` },
  ];
}
