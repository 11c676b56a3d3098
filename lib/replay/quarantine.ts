import * as v from 'valibot';
import { fitsInMessage, serializeMessage } from '../platform/sqs-message.ts';
import type { SendMessage } from '../platform/sqs.ts';
import {
  decodeBody,
  type QuarantineMessage,
  QuarantineMessageSchema,
} from '../receive/quarantine-message.ts';
import { type NormaliseOptions, parseWebhook } from '../receive/parse-webhook.ts';
import type { Issue } from '../record/record.ts';
import type { ReceivedMessage } from './drain-queue.ts';
import type { IdentifiedDecision } from './told.ts';

/** What a run found out about one message of [quarantine]. */
export interface QuarantineResult {
  readonly status: 'understood' | 'not_understood' | 'unreadable';
  readonly event: string | null;
  readonly issues: readonly Issue[];
}

export interface QuarantineDeps {
  readonly normalise: NormaliseOptions;
  /** Puts a message on [records]. */
  readonly enqueueRecord: SendMessage;
  /** Puts a message on [quarantine], not to be seen before this run is over. */
  readonly requeueQuarantine: SendMessage;
  readonly now: () => Date;
}

/**
 * Judges a quarantined webhook with what this release understands, by the same intake as `receive`;
 * its signature was judged when it came. Whether its voucher can be used is judged anew, by now.
 */
export function decideQuarantined(
  { normalise, enqueueRecord, requeueQuarantine, now }: QuarantineDeps,
  { body }: ReceivedMessage,
): IdentifiedDecision<QuarantineResult> {
  const webhook = parseQuarantineMessage(body);
  if (webhook === null) {
    const issues = [{ path: '', message: 'Expected a message that receive wrote' }];
    return { id: null, result: { status: 'unreadable', event: null, issues }, send: null };
  }
  const parsed = parseWebhook(
    decodeBody(webhook.body),
    webhook.mapping,
    now().toISOString(),
    normalise,
  );
  if (!parsed.ok) {
    const { id, form, event, issues } = parsed;
    const hasChanged = serializeMessage(issues) !== serializeMessage(webhook.issues);
    const message = serializeMessage({ ...webhook, form, event, issues });
    return {
      id,
      result: { status: 'not_understood', event, issues },
      send: hasChanged && fitsInMessage(message) ? () => requeueQuarantine(message) : null,
    };
  }
  const { record } = parsed;
  const message = serializeMessage(record);
  if (!fitsInMessage(message)) {
    const issues = [{ path: '', message: 'The record is larger than a queue message can be' }];
    const result = { status: 'not_understood', event: record.type, issues } as const;
    return { id: record.id, result, send: null };
  }
  return {
    id: record.id,
    result: { status: 'understood', event: record.type, issues: [] },
    send: () => enqueueRecord(message),
  };
}

function parseQuarantineMessage(body: string): QuarantineMessage | null {
  const parsed = v.safeParse(v.pipe(v.string(), v.parseJson(), QuarantineMessageSchema), body);
  return parsed.success ? parsed.output : null;
}

/** What an operator gets to see: counts and distinct issues, by event. Never a body. */
export interface QuarantineReport {
  readonly scanned: number;
  readonly valid: number;
  readonly invalid: number;
  readonly unparsable: number;
  readonly issues: readonly (Issue & { readonly event: string | null; readonly count: number })[];
}

/** Sums up a run, the most frequent issue first. */
export function reportQuarantine(results: readonly QuarantineResult[]): QuarantineReport {
  const count = (status: QuarantineResult['status']): number =>
    results.filter((result) => result.status === status).length;
  const all = results.flatMap(({ event, issues }) =>
    issues.map(({ path, message }) => ({ event, path, message })),
  );
  const groups = Map.groupBy(all, (issue) => JSON.stringify(Object.values(issue)));
  return {
    scanned: results.length,
    valid: count('understood'),
    invalid: count('not_understood'),
    unparsable: count('unreadable'),
    issues: [...groups.values()]
      .flatMap((group) => (group[0] === undefined ? [] : [{ ...group[0], count: group.length }]))
      .sort((one, other) => other.count - one.count),
  };
}
