import * as v from 'valibot';
import { DeliveryDeadLetterSchema } from '../fan-out/dead-letter.ts';
import { parseMessage } from '../fan-out/queue-messages.ts';
import type { RetryMessage } from '../fan-out/retry-message.ts';
import { serializeMessage } from '../platform/sqs-message.ts';
import type { SendMessage } from '../platform/sqs.ts';
import type { RelayRecord } from '../record/record.ts';
import type { ReceivedMessage } from './drain-queue.ts';
import type { IdentifiedDecision } from './told.ts';

/** What a run found out about one message of [dead-letters]. */
export interface DeadLetterResult {
  readonly status: 'replayed' | 'not_asked_for' | 'unreadable';
  /** Null: the record as a whole, for every destination that accepts it. */
  readonly destination: string | null;
  readonly reason: string;
}

/** Which dead letters to try again: all, those of one destination, those since a time. */
export interface DeadLetterFilter {
  readonly destination: string | null;
  readonly since: Date | null;
}

export interface DeadLetterDeps {
  /** Puts a message on [records]. */
  readonly enqueueRecord: SendMessage;
  /** Puts a delivery on [retries], to be tried at once. */
  readonly enqueueRetry: (retry: RetryMessage) => Promise<void>;
  readonly now: () => Date;
}

/** The three forms that lie there: our own dead letter, and the record or the retry that SQS's redrive left. */
type ParsedDeadLetter =
  | {
      readonly kind: 'delivery';
      readonly record: RelayRecord;
      readonly destination: string;
      readonly reason: string;
      readonly lastAt: string | null;
    }
  | {
      readonly kind: 'record';
      readonly record: RelayRecord;
      readonly reason: string;
      readonly lastAt: string | null;
    };

/**
 * Judges one dead letter. A delivery goes back to [retries], for its destination alone and with all
 * its attempts before it; a record that nobody was told of goes back to [records]. What was delivered
 * already is in the ledger, so that nobody is told twice.
 */
export function decideDeadLetter(
  { enqueueRecord, enqueueRetry, now }: DeadLetterDeps,
  filter: DeadLetterFilter,
  { body }: ReceivedMessage,
): IdentifiedDecision<DeadLetterResult> {
  const deadLetter = parseDeadLetter(body);
  if (deadLetter === null) {
    const result = { status: 'unreadable', destination: null, reason: 'unparsable' } as const;
    return { id: null, result, send: null };
  }
  const { reason, record } = deadLetter;
  const destination = deadLetter.kind === 'delivery' ? deadLetter.destination : null;
  if (!matchesFilter(deadLetter, filter)) {
    const result = { status: 'not_asked_for', destination, reason } as const;
    return { id: record.id, result, send: null };
  }
  const at = now().toISOString();
  return {
    id: record.id,
    result: { status: 'replayed', destination, reason },
    send: () =>
      destination === null
        ? enqueueRecord(serializeMessage(record))
        : enqueueRetry({
            record,
            destination,
            attempt: 1,
            firstAt: at,
            notBefore: at,
            reason: `replayed: ${reason}`,
          }),
  };
}

/** A whole record is not asked for by one destination: the others would lose it. */
function matchesFilter(
  deadLetter: ParsedDeadLetter,
  { destination, since }: DeadLetterFilter,
): boolean {
  if (
    destination !== null &&
    !(deadLetter.kind === 'delivery' && deadLetter.destination === destination)
  ) {
    return false;
  }
  return since === null || deadLetter.lastAt === null || new Date(deadLetter.lastAt) >= since;
}

function parseDeadLetter(body: string): ParsedDeadLetter | null {
  const deadLetter = v.safeParse(v.pipe(v.string(), v.parseJson(), DeliveryDeadLetterSchema), body);
  if (deadLetter.success) {
    const { record, destination, reason, lastAt } = deadLetter.output;
    return destination === null
      ? { kind: 'record', record, reason, lastAt }
      : { kind: 'delivery', record, destination, reason, lastAt };
  }
  const message = parseMessage(body);
  switch (message.kind) {
    case 'record':
      return { kind: 'record', record: message.record, reason: 'redriven', lastAt: null };
    case 'retry': {
      const { record, destination, lastAt = null } = message.retry;
      return { kind: 'delivery', record, destination, reason: 'redriven', lastAt };
    }
    case 'unparsable':
      return null;
  }
}

/** What an operator gets to see: counts by destination and reason. Never a record. */
export interface DeadLetterReport {
  readonly scanned: number;
  readonly replayed: number;
  readonly skipped: number;
  readonly unparsable: number;
  readonly deadLetters: readonly (DeadLetterResult & { readonly count: number })[];
}

/** Sums up a run, the most frequent first. */
export function reportDeadLetters(results: readonly DeadLetterResult[]): DeadLetterReport {
  const count = (status: DeadLetterResult['status']): number =>
    results.filter((result) => result.status === status).length;
  const groups = Map.groupBy(results, (result) => JSON.stringify(Object.values(result)));
  return {
    scanned: results.length,
    replayed: count('replayed'),
    skipped: count('not_asked_for'),
    unparsable: count('unreadable'),
    deadLetters: [...groups.values()]
      .flatMap((group) => (group[0] === undefined ? [] : [{ ...group[0], count: group.length }]))
      .sort((one, other) => other.count - one.count),
  };
}
