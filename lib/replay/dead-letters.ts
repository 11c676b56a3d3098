import * as v from 'valibot';
import { DeliveryDeadLetterSchema } from '../fan-out/dead-letter.ts';
import { parseMessage } from '../fan-out/queue-messages.ts';
import type { RetryMessage } from '../fan-out/retry-message.ts';
import { messageBody } from '../platform/sqs-message.ts';
import type { SendMessage } from '../platform/sqs.ts';
import type { RelayRecord } from '../record/record.ts';
import type { Held } from './drain-queue.ts';
import type { IdentifiedVerdict } from './told.ts';

/** What a run found out about one message of [dead-letters]. */
export interface DeadLetterFinding {
  readonly status: 'replayed' | 'not_asked_for' | 'unreadable';
  /** Null: the record as a whole, for every destination that accepts it. */
  readonly destination: string | null;
  readonly reason: string;
}

/** Which dead letters to try again: all, those of one destination, those since a time. */
export interface DeadLetterChoice {
  readonly destination: string | null;
  readonly since: Date | null;
}

export interface DeadLetterDeps {
  /** Puts a message on [records]. */
  readonly queueRecord: SendMessage;
  /** Puts a delivery on [retries], to be tried at once. */
  readonly queueRetry: (retry: RetryMessage) => Promise<void>;
  readonly now: () => Date;
}

/** The three forms that lie there: our own dead letter, and the record or the retry that SQS's redrive left. */
type Letter =
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
export function judgeDeadLetter(
  { queueRecord, queueRetry, now }: DeadLetterDeps,
  choice: DeadLetterChoice,
  { body }: Held,
): IdentifiedVerdict<DeadLetterFinding> {
  const letter = parseLetter(body);
  if (letter === null) {
    const finding = { status: 'unreadable', destination: null, reason: 'unparsable' } as const;
    return { id: null, finding, move: null };
  }
  const { reason, record } = letter;
  const destination = letter.kind === 'delivery' ? letter.destination : null;
  if (!isAskedFor(letter, choice)) {
    const finding = { status: 'not_asked_for', destination, reason } as const;
    return { id: record.id, finding, move: null };
  }
  const at = now().toISOString();
  return {
    id: record.id,
    finding: { status: 'replayed', destination, reason },
    move: () =>
      destination === null
        ? queueRecord(messageBody(record))
        : queueRetry({
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
function isAskedFor(letter: Letter, { destination, since }: DeadLetterChoice): boolean {
  if (destination !== null && !(letter.kind === 'delivery' && letter.destination === destination)) {
    return false;
  }
  return since === null || letter.lastAt === null || new Date(letter.lastAt) >= since;
}

function parseLetter(body: string): Letter | null {
  const ours = v.safeParse(v.pipe(v.string(), v.parseJson(), DeliveryDeadLetterSchema), body);
  if (ours.success) {
    const { record, destination, reason, lastAt } = ours.output;
    return destination === null
      ? { kind: 'record', record, reason, lastAt }
      : { kind: 'delivery', record, destination, reason, lastAt };
  }
  const raw = parseMessage(body);
  switch (raw.kind) {
    case 'record':
      return { kind: 'record', record: raw.record, reason: 'redriven', lastAt: null };
    case 'retry': {
      const { record, destination, lastAt = null } = raw.retry;
      return { kind: 'delivery', record, destination, reason: 'redriven', lastAt };
    }
    case 'unparsable':
      return null;
  }
}

/** What an operator gets to see: counts by destination and reason. Never a record. */
export interface DeadLetterReport {
  readonly looked: number;
  readonly replayed: number;
  readonly notAskedFor: number;
  readonly unreadable: number;
  readonly letters: readonly (DeadLetterFinding & { readonly times: number })[];
}

/** Sums up a run, the most frequent first. */
export function reportDeadLetters(findings: readonly DeadLetterFinding[]): DeadLetterReport {
  const count = (status: DeadLetterFinding['status']): number =>
    findings.filter((finding) => finding.status === status).length;
  const letters = Map.groupBy(findings, (finding) => JSON.stringify(Object.values(finding)));
  return {
    looked: findings.length,
    replayed: count('replayed'),
    notAskedFor: count('not_asked_for'),
    unreadable: count('unreadable'),
    letters: [...letters.values()]
      .flatMap((same) => (same[0] === undefined ? [] : [{ ...same[0], times: same.length }]))
      .sort((one, other) => other.times - one.times),
  };
}
