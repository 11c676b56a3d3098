import * as v from 'valibot';
import {
  DeliveryDeadLetterSchema,
  InvalidMessageDeadLetterSchema,
  parseJsonMessage,
  parseMessage,
  type DeliveryMessage,
} from '../fan-out/queue-messages.ts';
import { serializeMessage } from '../platform/sqs-message.ts';
import type { SendToGroup } from '../platform/sqs.ts';
import { toGroupId } from '../record/group-id.ts';
import { parseStored } from '../record/parse-stored.ts';
import type { RelayRecord } from '../record/record.ts';
import type { Failure } from '../destinations/outcome.ts';
import type { DeadLetterReason } from '../telemetry/reason-codes.ts';
import type { ReplayStatus } from '../telemetry/statuses.ts';
import { groupAndCount } from './count.ts';
import type { ReceivedMessage, ReplayDecision } from './drain-queue.ts';

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

/** Which dead letters to replay: all, those of one destination, those since a time. */
export interface DeadLetterFilter {
  readonly destination: string | null;
  readonly since: Date | null;
  /** Nothing is replayed: the result says what would be. */
  readonly dryRun: boolean;
}

/** The dependencies of `decideDeadLetter`. */
export interface DeadLetterDeps {
  /** Puts a message on [records]. */
  readonly enqueueRecord: SendToGroup;
  /** Puts a delivery on the queue of its destination. */
  readonly enqueueDelivery: (delivery: DeliveryMessage) => Promise<void>;
  readonly now: () => Date;
}

/** Our own dead letter, or the bare record or delivery that SQS's redrive moved there. */
interface ParsedDeadLetter extends Omit<DeadLetterResult, 'status'> {
  readonly record: RelayRecord;
  readonly lastAt: string | null;
}

/**
 * Decides about one dead letter. A delivery goes back to the queue of its destination, with all its
 * attempts; a record as a whole goes back to [records]. The rows of deliveries keep what was
 * delivered already from being delivered twice.
 */
export function decideDeadLetter(
  { enqueueRecord, enqueueDelivery, now }: DeadLetterDeps,
  filter: DeadLetterFilter,
  { body }: ReceivedMessage,
): ReplayDecision<DeadLetterResult> {
  const deadLetter = parseDeadLetter(body);
  if (deadLetter === null) {
    return { id: null, result: UNPARSABLE, send: null };
  }
  const { record, destination, reason, lastFailure } = deadLetter;
  const finding = { destination, reason, lastFailure };
  const { id } = record;
  if (!matchesFilter(deadLetter, filter)) {
    return { id, result: { status: 'skipped', ...finding }, send: null };
  }
  const at = now().toISOString();
  return {
    id,
    result: { status: filter.dryRun ? 'would_replay' : 'replayed', ...finding },
    send: () =>
      destination === null
        ? enqueueRecord(serializeMessage(record), toGroupId(record))
        : enqueueDelivery({ record, destination, requestedAt: at }),
  };
}

const UNPARSABLE: DeadLetterResult = {
  status: 'unparsable',
  destination: null,
  reason: 'invalid_message',
  lastFailure: null,
};

/** A record as a whole never matches one destination: the others would lose it. */
function matchesFilter(
  deadLetter: ParsedDeadLetter,
  { destination, since }: Pick<DeadLetterFilter, 'destination' | 'since'>,
): boolean {
  if (destination !== null && deadLetter.destination !== destination) return false;
  return since === null || deadLetter.lastAt === null || new Date(deadLetter.lastAt) >= since;
}

function parseDeadLetter(body: string): ParsedDeadLetter | null {
  const value = parseJsonMessage(body);
  const ours = parseStored(DeliveryDeadLetterSchema, value);
  if (ours.success) {
    const { record, destination, reason, lastFailure, lastAt } = ours.output;
    return { record, destination, reason, lastFailure, lastAt };
  }
  // after a rollback, the next release parses again what an older one could not
  const invalid = v.safeParse(InvalidMessageDeadLetterSchema, value);
  if (invalid.success) {
    const { body: original, reason, lastAt } = invalid.output;
    const parsed = parseQueueMessage(original);
    return parsed && { ...parsed, reason, lastAt };
  }
  return parseQueueMessage(body);
}

/** Parses what SQS's redrive moved to [dead-letters], or what fanOut once could not parse. */
function parseQueueMessage(body: string): ParsedDeadLetter | null {
  const message = parseMessage(body);
  switch (message.kind) {
    case 'record': {
      const { record } = message;
      return { record, destination: null, reason: 'redriven', lastFailure: null, lastAt: null };
    }
    case 'delivery': {
      const { record, destination } = message.delivery;
      return { record, destination, reason: 'redriven', lastFailure: null, lastAt: null };
    }
    case 'invalid':
      return null;
  }
}

/** What an operator sees: counts by destination, reason and last failure. Never a record. */
export interface DeadLetterReport {
  readonly scanned: number;
  readonly replayed: number;
  /** In a dry run: how many a run would replay. */
  readonly wouldReplay: number;
  readonly skipped: number;
  readonly unparsable: number;
  readonly deadLetters: readonly (DeadLetterResult & { readonly count: number })[];
}

/** Sums up a run, the most frequent dead letters first. */
export function reportDeadLetters(results: readonly DeadLetterResult[]): DeadLetterReport {
  const count = (status: DeadLetterResult['status']): number =>
    results.filter((result) => result.status === status).length;
  return {
    scanned: results.length,
    replayed: count('replayed'),
    wouldReplay: count('would_replay'),
    skipped: count('skipped'),
    unparsable: count('unparsable'),
    deadLetters: groupAndCount(results),
  };
}
