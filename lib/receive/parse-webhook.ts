import { createHash } from 'node:crypto';
import type { Issue, RelayRecord } from '../record/record.ts';
import { hashId } from '../record/record-id.ts';
import { type Mapping, toRecord } from '../normalise/to-record.ts';

/** What is needed beside the bytes to understand a genuine webhook. */
export interface Reader {
  /** The project's currency (ISO 4217), which webhooks do not carry. */
  readonly currency: string | null;
  /** The merchant's own shapes, by the name that the address ends in. */
  readonly mappings: ReadonlyMap<string, Mapping>;
}

/** Why a genuine webhook has to wait for a person, and what was recognised of it. */
export interface NotUnderstood {
  readonly id: string;
  readonly form: string | null;
  readonly event: string | null;
  readonly issues: readonly Issue[];
}

export type Understanding =
  | { readonly understood: true; readonly record: RelayRecord }
  | ({ readonly understood: false } & NotUnderstood);

/** Enough to see what is wrong; a body can be wrong in a thousand places. */
const ISSUES_KEPT = 50;

/**
 * Reads the bytes of a genuine webhook. Never throws: a fault of our own on a genuine body is a
 * webhook not understood, which keeps it safe in quarantine.
 * @param body the bytes as they came
 * @param receivedAt RFC 3339, the time at which a voucher's use is judged
 */
export function understand(
  body: Buffer,
  mappingName: string | null,
  receivedAt: string,
  reader: Reader,
): Understanding {
  const bodyHash = (): string =>
    createHash('sha256')
      .update(`${mappingName ?? ''}\n`)
      .update(body)
      .digest('hex');
  const notUnderstood = (issues: readonly Issue[]): Understanding => ({
    understood: false,
    id: hashId(bodyHash()),
    form: null,
    event: null,
    issues,
  });

  const mapping = mappingName === null ? null : reader.mappings.get(mappingName);
  if (mapping === undefined) {
    const known = [...reader.mappings.keys()].join(', ') || 'none';
    return notUnderstood([
      {
        path: '',
        message: `No mapping of this name in functions/mappings.ts; known are: ${known}`,
      },
    ]);
  }
  const payload = parseJson(body);
  if (!payload.ok) return notUnderstood([payload.issue]);

  try {
    const reading = toRecord(payload.value, {
      receivedAt,
      bodyHash,
      mapping,
      currency: reader.currency,
    });
    if (reading.ok) return { understood: true, record: reading.record };
    return {
      understood: false,
      id: reading.id,
      form: reading.form,
      event: reading.event,
      issues: withinLimit(reading.issues),
    };
  } catch (fault) {
    return notUnderstood([ownFault(fault)]);
  }
}

/** What a person gets to see when it was not the sender who was wrong. */
export function ownFault(fault: unknown): Issue {
  const kind = fault instanceof Error ? fault.name : typeof fault;
  return {
    path: '',
    message: `voucher-relay itself failed on this webhook (${kind}); please report it`,
  };
}

function parseJson(body: Buffer): { ok: true; value: unknown } | { ok: false; issue: Issue } {
  try {
    return { ok: true, value: JSON.parse(body.toString('utf8')) };
  } catch {
    // the parser's own message quotes the body
    const message =
      body.length === 0
        ? 'Expected a body, received none'
        : 'Expected JSON, received something else';
    return { ok: false, issue: { path: '', message } };
  }
}

function withinLimit(issues: readonly Issue[]): readonly Issue[] {
  if (issues.length <= ISSUES_KEPT) return issues;
  const more = issues.length - ISSUES_KEPT;
  return [...issues.slice(0, ISSUES_KEPT), { path: '', message: `${more} more issues left out` }];
}
