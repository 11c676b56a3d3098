import { parseMessage, type DeliveryMessage } from '../fan-out/queue-messages.ts';
import { serializeMessage } from '../platform/sqs-message.ts';
import type { SendToGroup } from '../platform/sqs.ts';
import { toGroupId } from '../record/group-id.ts';
import type { RelayRecord } from '../record/record.ts';
import type { Failure } from '../destinations/outcome.ts';
import type { DeadLetterReason } from '../telemetry/reason-codes.ts';
import type { ReplayStatus } from '../telemetry/statuses.ts';
import type { DeadLetterRequest } from './request.ts';
import type { ReceivedMessage } from './scan-queue.ts';

/** What a run found about one message of [dead-letters]. */
export interface DeadLetterResult {
  readonly status: Extract<ReplayStatus, 'replayed' | 'would_replay' | 'skipped' | 'unparsable'>;
  /** Null: the record as a whole, for every destination that accepts it. */
  readonly destination: string | null;
  /** Why it was given up; `redriven` when SQS's redrive moved it there, without a reason. */
  readonly reason: DeadLetterReason | 'redriven';
  /** What the last attempt failed with; null when nothing failed or nothing is known. */
  readonly lastFailure: Failure | null;
}

/** Which dead letters to replay, and to which destination. */
export type DeadLetterFilter = Pick<
  DeadLetterRequest,
  'ids' | 'reasons' | 'destination' | 'as' | 'since' | 'until' | 'dryRun'
>;

/** The dependencies of `decideDeadLetter`. */
export interface DeadLetterDeps {
  /** Puts a message on [records]. */
  readonly enqueueRecord: SendToGroup;
  /** Puts a delivery on the queue of its destination. */
  readonly enqueueDelivery: (delivery: DeliveryMessage) => Promise<void>;
  /** Lets a delivery to another destination than those that a record was routed to be found (createIndexAddition). */
  readonly indexDelivery: (record: RelayRecord, destinationId: string) => Promise<void>;
  readonly now: () => Date;
}

/** What to do with one message: send something instead of it, or leave it in its queue. */
export interface ReplayDecision<Result> {
  /** The id of its record; null when the message has none. */
  readonly id: string | null;
  readonly result: Result;
  /** Sends it on; resolves when SQS has stored it. Null leaves the message in its queue. */
  readonly send: (() => Promise<void>) | null;
}

/** What is known of a message of [dead-letters] that holds a record. */
export interface ParsedDeadLetter extends Omit<DeadLetterResult, 'status'> {
  readonly record: RelayRecord;
  /** When it was given up. For what SQS moved there by itself, when it was put on its first queue. */
  readonly at: Date;
}

/**
 * Decides about one dead letter. A delivery goes back to the queue of its destination, with all its
 * attempts; a record as a whole goes back to [records]. With `as`, either goes to that destination. The
 * rows of deliveries keep what was delivered already from being delivered twice.
 */
export function decideDeadLetter(
  deps: DeadLetterDeps,
  filter: DeadLetterFilter,
  message: Pick<ReceivedMessage, 'body' | 'sentAt'>,
): ReplayDecision<DeadLetterResult> {
  const deadLetter = parseDeadLetter(message);
  if (deadLetter === null) {
    return { id: null, result: UNPARSABLE, send: null };
  }
  const { record, destination, reason, lastFailure } = deadLetter;
  const finding = { destination, reason, lastFailure };
  const { id } = record;
  if (!matchesFilter(deadLetter, filter)) {
    return { id, result: { status: 'skipped', ...finding }, send: null };
  }
  return {
    id,
    result: { status: filter.dryRun ? 'would_replay' : 'replayed', ...finding },
    async send() {
      // before it is sent: what cannot be found could not be erased
      if (filter.as !== null) await deps.indexDelivery(record, filter.as);
      await sendBack(deps, record, filter.as ?? destination);
    },
  };
}

/** Sends a record to one destination, as a delivery that is asked for now; with null to [records]. */
export async function sendBack(
  { enqueueRecord, enqueueDelivery, now }: Omit<DeadLetterDeps, 'indexDelivery'>,
  record: RelayRecord,
  destination: string | null,
): Promise<void> {
  if (destination === null) return enqueueRecord(serializeMessage(record), toGroupId(record));
  const requestedAt = now().toISOString();
  return enqueueDelivery({ record, destination, requestedAt });
}

const UNPARSABLE: DeadLetterResult = {
  status: 'unparsable',
  destination: null,
  reason: 'invalid_message',
  lastFailure: null,
};

/** A record as a whole never matches one destination: the others would lose it. */
function matchesFilter(
  { record, destination, reason, at }: ParsedDeadLetter,
  filter: DeadLetterFilter,
): boolean {
  if (filter.ids !== null && !filter.ids.includes(record.id)) return false;
  if (filter.reasons !== null && !filter.reasons.includes(reason)) return false;
  if (filter.destination !== null && destination !== filter.destination) return false;
  return isBetween(at, filter);
}

/** Whether a time is not before `since`, and before `until`. */
export function isBetween(
  at: Date,
  { since, until }: { readonly since: Date | null; readonly until: Date | null },
): boolean {
  return (since === null || at >= since) && (until === null || at < until);
}

/** Parses a message of [dead-letters]; null when there is no record in it. */
export function parseDeadLetter({
  body,
  sentAt,
}: Pick<ReceivedMessage, 'body' | 'sentAt'>): ParsedDeadLetter | null {
  const message = parseMessage(body);
  const redriven = { reason: 'redriven', lastFailure: null, at: sentAt } as const;
  switch (message.kind) {
    case 'record':
      return { record: message.record, destination: null, ...redriven };
    case 'delivery': {
      const { record, destination } = message.delivery;
      return { record, destination, ...redriven };
    }
    case 'dead_letter': {
      const { record, destination, reason, lastFailure } = message;
      const lastAt = new Date(message.lastAt);
      const at = Number.isNaN(lastAt.getTime()) ? sentAt : lastAt;
      return { record, destination, reason, lastFailure, at };
    }
    case 'invalid':
      return null;
  }
}
