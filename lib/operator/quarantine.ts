import { parseJsonMessage } from '../fan-out/queue-messages.ts';
import { fitsInMessage, serializeMessage } from '../platform/sqs-message.ts';
import type { SendMessage, SendToGroup } from '../platform/sqs.ts';
import { parseWebhook, timesOnArrival, type WebhookOptions } from '../receive/parse-webhook.ts';
import {
  decodeBody,
  type QuarantineMessage,
  QuarantineMessageSchema,
} from '../receive/quarantine-message.ts';
import { toGroupId } from '../record/group-id.ts';
import { parseStored } from '../record/parse-stored.ts';
import type { Issue } from '../record/record.ts';
import type { ReplayStatus } from '../telemetry/statuses.ts';
import { groupAndCount } from './count.ts';
import type { ReceivedMessage, ReplayDecision } from './drain-queue.ts';

/** What a run found about one message of [quarantine]. */
export interface QuarantineResult {
  readonly status: Extract<ReplayStatus, 'valid' | 'invalid' | 'skipped' | 'unparsable'>;
  readonly event: string | null;
  readonly issues: readonly Issue[];
}

/** Which quarantined webhooks to parse, and how. */
export interface QuarantineOptions {
  /** The name of a mapping, null for none; undefined for that of the URL that was posted to. */
  readonly mapping?: string | null;
  /** Only webhooks that were posted to the URL of this mapping, null for the plain URL; undefined for all. */
  readonly postedTo?: string | null;
  /** Takes late repeats too; false by default. */
  readonly acceptLate?: boolean;
}

/** The dependencies of `decideQuarantined`. */
export interface QuarantineDeps {
  readonly normalise: WebhookOptions;
  /** Puts a message on [records]. */
  readonly enqueueRecord: SendToGroup;
  /** Puts a message on [quarantine], hidden until this run is over. */
  readonly requeueQuarantine: SendMessage;
  readonly now: () => Date;
}

/**
 * Decides about a quarantined webhook: it is parsed by this release in the same way as in `receive`.
 * Its signature was verified when it was received. Its record says when that was, because equal bodies
 * without an id are told apart by their day. Whether its voucher can be used is checked for now.
 */
export function decideQuarantined(
  { normalise, enqueueRecord, requeueQuarantine, now }: QuarantineDeps,
  { mapping, postedTo, acceptLate = false }: QuarantineOptions,
  { body }: ReceivedMessage,
): ReplayDecision<QuarantineResult> {
  const webhook = parseQuarantined(body);
  const bytes = webhook && tryDecodeBody(webhook);
  if (webhook === null || bytes === null) {
    const issues = [{ path: '', message: 'Expected a message that receive wrote' }];
    return { id: null, result: { status: 'unparsable', event: null, issues }, send: null };
  }
  if (postedTo !== undefined && postedTo !== webhook.mapping) {
    const { id, event } = webhook;
    return { id, result: { status: 'skipped', event, issues: [] }, send: null };
  }
  // how late it is, is judged by the day of its arrival: no webhook becomes late in quarantine
  const maxAgeDays = acceptLate ? null : normalise.maxWebhookAgeDays;
  const times = {
    ...timesOnArrival(webhook.receivedAt, maxAgeDays),
    checkedAt: now().toISOString(),
  };
  const parsed = parseWebhook(
    bytes,
    mapping === undefined ? webhook.mapping : mapping,
    times,
    normalise,
  );
  if (!parsed.ok) {
    const { id, format, event, issues } = parsed;
    // the issues in quarantine are those at its own URL
    const hasChanged =
      mapping === undefined && serializeMessage(issues) !== serializeMessage(webhook.issues);
    const message = serializeMessage({ ...webhook, format, event, issues });
    return {
      id,
      result: { status: 'invalid', event, issues },
      send: hasChanged && fitsInMessage(message) ? () => requeueQuarantine(message) : null,
    };
  }
  const { id, type: event } = parsed.record;
  const message = serializeMessage(parsed.record);
  if (!fitsInMessage(message)) {
    const issues = [{ path: '', message: 'The record is larger than a queue message can be' }];
    return { id, result: { status: 'invalid', event, issues }, send: null };
  }
  return {
    id,
    result: { status: 'valid', event, issues: [] },
    send: () => enqueueRecord(message, toGroupId(parsed.record)),
  };
}

function parseQuarantined(body: string): QuarantineMessage | null {
  const message = parseStored(QuarantineMessageSchema, parseJsonMessage(body));
  return message.success ? message.output : null;
}

/** Null when the stored body was damaged: the run goes on with the other messages. */
function tryDecodeBody({ body }: QuarantineMessage): Buffer | null {
  try {
    return decodeBody(body);
  } catch {
    return null;
  }
}

/** What an operator sees: counts and distinct issues, by event. Never a body. */
export interface QuarantineReport {
  readonly scanned: number;
  readonly valid: number;
  readonly invalid: number;
  readonly skipped: number;
  readonly unparsable: number;
  readonly issues: readonly (Issue & { readonly event: string | null; readonly count: number })[];
}

/** Sums up a run, the most frequent issues first. */
export function reportQuarantine(results: readonly QuarantineResult[]): QuarantineReport {
  const count = (status: QuarantineResult['status']): number =>
    results.filter((result) => result.status === status).length;
  return {
    scanned: results.length,
    valid: count('valid'),
    invalid: count('invalid'),
    skipped: count('skipped'),
    unparsable: count('unparsable'),
    issues: groupAndCount(
      results.flatMap(({ event, issues }) =>
        issues.map(({ path, message }) => ({ event, path, message })),
      ),
    ),
  };
}
