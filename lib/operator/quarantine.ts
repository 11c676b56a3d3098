import { parseJsonMessage } from '../fan-out/queue-messages.ts';
import { fitsInMessage, serializeMessage } from '../platform/sqs-message.ts';
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
import {
  type DeadLetterDeps,
  isBetween,
  type ParsedDeadLetter,
  parseDeadLetter,
  type ReplayDecision,
  sendBack,
} from './dead-letters.ts';
import type { QuarantineRequest } from './request.ts';
import type { ReceivedMessage } from './scan-queue.ts';

/** What a run found about one message of [quarantine]. */
export interface QuarantineResult {
  readonly status: Extract<ReplayStatus, 'valid' | 'invalid' | 'skipped' | 'unparsable'>;
  readonly event: string | null;
  readonly issues: readonly Issue[];
}

/** Which quarantined webhooks to parse, and how. */
export type QuarantineFilter = Pick<
  QuarantineRequest,
  'ids' | 'reasons' | 'since' | 'until' | 'mapping' | 'postedTo' | 'acceptLate'
>;

/** The dependencies of `decideQuarantined`. */
export interface QuarantineDeps extends DeadLetterDeps {
  readonly normalise: WebhookOptions;
}

/**
 * Decides about a quarantined webhook: it is parsed by this release in the same way as in `receive`.
 * What is still invalid stays as it is. Its signature was verified when it was received. Its record says when that was, because equal bodies
 * without an id are told apart by their day. Whether its voucher can be used is checked for now.
 */
export function decideQuarantined(
  deps: QuarantineDeps,
  filter: QuarantineFilter,
  message: Pick<ReceivedMessage, 'body' | 'sentAt'>,
): ReplayDecision<QuarantineResult> {
  const { normalise, enqueueRecord, now } = deps;
  const webhook = parseQuarantined(message.body);
  const deadLetter = webhook === null ? parseDeadLetter(message) : null;
  if (deadLetter !== null) return decideMovedByHand(deps, filter, deadLetter);
  const bytes = webhook && tryDecodeBody(webhook);
  if (webhook === null || bytes === null) {
    const issues = [{ path: '', message: 'Expected a message that receive wrote' }];
    return { id: null, result: { status: 'unparsable', event: null, issues }, send: null };
  }
  const { mapping, acceptLate } = filter;
  if (!matchesFilter(webhook, filter)) {
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
    const { id, event, issues } = parsed;
    return { id, result: { status: 'invalid', event, issues }, send: null };
  }
  const { id, type: event } = parsed.record;
  const text = serializeMessage(parsed.record);
  if (!fitsInMessage(text)) {
    const issues = [{ path: '', message: 'The record is larger than a queue message can be' }];
    return { id, result: { status: 'invalid', event, issues }, send: null };
  }
  return {
    id,
    result: { status: 'valid', event, issues: [] },
    send: () => enqueueRecord(text, toGroupId(parsed.record)),
  };
}

/**
 * Decides about a dead letter that somebody moved to [quarantine] in the console of SQS, which moves nothing
 * back from there: it goes where a replay of dead letters sends it.
 */
function decideMovedByHand(
  deps: QuarantineDeps,
  { ids, reasons, postedTo, since, until }: QuarantineFilter,
  deadLetter: ParsedDeadLetter,
): ReplayDecision<QuarantineResult> {
  const { id, type: event } = deadLetter.record;
  const isMeant =
    reasons === null &&
    postedTo === undefined &&
    (ids === null || ids.includes(id)) &&
    isBetween(deadLetter.at, { since, until });
  return isMeant
    ? {
        id,
        result: { status: 'valid', event, issues: [] },
        send: () => sendBack(deps, deadLetter.record, deadLetter.destination),
      }
    : { id, result: { status: 'skipped', event, issues: [] }, send: null };
}

/** The issues that count are those that it was quarantined with. */
function matchesFilter(
  { id, issues, mapping, receivedAt }: QuarantineMessage,
  filter: QuarantineFilter,
): boolean {
  const { ids, reasons, postedTo } = filter;
  if (ids !== null && !ids.includes(id)) return false;
  if (reasons !== null && !issues.some(({ path }) => reasons.includes(path))) return false;
  if (postedTo !== undefined && postedTo !== mapping) return false;
  return isBetween(new Date(receivedAt), filter);
}

/** Parses a message of [quarantine]; null for one that receive did not write. */
export function parseQuarantined(body: string): QuarantineMessage | null {
  const message = parseStored(QuarantineMessageSchema, parseJsonMessage(body));
  return message.success ? message.output : null;
}

/** Null when the stored body was damaged: the run goes on with the other messages. */
export function tryDecodeBody({ body }: QuarantineMessage): Buffer | null {
  try {
    return decodeBody(body);
  } catch {
    return null;
  }
}
