import { isUtf8 } from 'node:buffer';
import { createHash } from 'node:crypto';
import { errorName } from '../error-name.ts';
import type { Issue, RelayRecord } from '../record/record.ts';
import { toContentHashId } from '../record/record-id.ts';
import { findSenderId } from '../normalise/envelope.ts';
import { findJsonSourceIssues } from '../normalise/json-source-issues.ts';
import { findMapping, type Mapping } from '../normalise/mapping.ts';
import { canBeDesigned } from '../normalise/payload.ts';
import { toRecord } from '../normalise/to-record.ts';
import { detectBodyFormat } from '../voucherify/body-format.ts';
import { findWebhookIdInText } from '../voucherify/webhook-id.ts';
import { stripByteOrderMark, stripJsonWhitespace } from '../voucherify/json-whitespace.ts';

/** The settings that parsing needs beside the bytes. */
export interface NormaliseOptions {
  /** The project's currency (ISO 4217), which webhooks do not carry. */
  readonly currency: string | null;
  /** The merchant's mappings, by the name at the end of the address. */
  readonly mappings: ReadonlyMap<string, Mapping>;
}

/** The settings of the functions that turn webhooks into records. */
export interface WebhookOptions extends NormaliseOptions {
  /** The age in days at which a webhook is a late repeat; null accepts any age. */
  readonly maxWebhookAgeDays: number | null;
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

/** The times that parsing depends on. RFC 3339, so that the same input gives the same output. */
export interface ParseTimes {
  /** When the webhook was received. */
  readonly receivedAt: string;
  /** The time at which the voucher is checked for use: later in a replay. */
  readonly checkedAt: string;
  /** A webhook that was created before it is a late repeat; null when any age is accepted. */
  readonly oldestCreatedAt: string | null;
}

const DAY_MS = 86_400_000;

/**
 * Returns the times of a webhook that is parsed when it arrives.
 * @param receivedAt RFC 3339
 * @param maxAgeDays the age at which a webhook is a late repeat; null accepts any age
 */
export function timesOnArrival(receivedAt: string, maxAgeDays: number | null): ParseTimes {
  const oldestMs = maxAgeDays === null ? null : Date.parse(receivedAt) - maxAgeDays * DAY_MS;
  return {
    receivedAt,
    checkedAt: receivedAt,
    oldestCreatedAt: oldestMs === null ? null : new Date(oldestMs).toISOString(),
  };
}

/**
 * Parses the bytes of a genuine webhook into a record. Never throws: when our own code fails on a
 * genuine body, the webhook counts as invalid and is kept in quarantine.
 * @param body the bytes as they were received
 */
export function parseWebhook(
  body: Buffer,
  mappingName: string | null,
  times: ParseTimes,
  options: NormaliseOptions,
): ParseResult {
  // what no signature covers does not count: the address, and how the JSON is laid out
  const contentHash = (): string =>
    createHash('sha256')
      .update(stripJsonWhitespace(stripByteOrderMark(body)))
      .digest('hex');
  const invalid = (id: string | null, issues: readonly Issue[]): ParseResult => ({
    ok: false,
    id: id ?? toContentHashId(contentHash()),
    format: null,
    event: null,
    issues: truncateIssues(issues),
  });

  try {
    const json = parseJson(body);
    if (!json.ok) return invalid(findWebhookIdInText(body), [json.issue]);
    // only a body that a mapping reads needs its format here: toRecord detects it for all
    const sentBody = mappingName === null ? null : detectBodyFormat(json.value);
    const isMapped = sentBody !== null && canBeDesigned(sentBody);
    const source = findJsonSourceIssues(json.text, isMapped);
    if (source.issues.length > 0) return invalid(findSenderId(json.value), source.issues);
    const result = toRecord(json.value, {
      ...times,
      contentHash,
      mapping: findMapping(options.mappings, mappingName),
      currency: options.currency,
      sourceWarnings: truncateIssues(source.warnings),
    });
    if (result.ok) return { ok: true, record: result.record };
    return { ...result, issues: truncateIssues(result.issues) };
  } catch (error) {
    return invalid(findWebhookIdInText(body), [internalErrorIssue(error)]);
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

type ParsedJson =
  | { readonly ok: true; readonly text: string; readonly value: unknown }
  | { readonly ok: false; readonly issue: Issue };

function parseJson(body: Buffer): ParsedJson {
  try {
    const text = UTF8.decode(body);
    return { ok: true, text, value: JSON.parse(text) };
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
