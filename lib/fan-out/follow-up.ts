import type { DeliveryEntry, Journal } from '../telemetry/telemetry.ts';
import { LONGEST_DELAY_SECONDS } from '../platform/sqs.ts';
import type { RelayRecord } from '../record/record.ts';
import type { DeadLetter } from './dead-letter.ts';
import type { Delivery } from './delivery.ts';
import { type NextStep, nextStep } from './next-step.ts';
import type { Result } from './result.ts';
import type { RetryMessage } from './retry-message.ts';
import type { RetrySchedule } from './retry-schedule.ts';

/** What is needed to follow up on a delivery. */
export interface ConclusionDeps {
  /** Puts a delivery on [retries], hidden for that many seconds; resolves when it is safe there. */
  readonly sendRetry: (retry: RetryMessage, delaySeconds: number) => Promise<void>;
  /** Puts a message on [dead-letters]; resolves when it is safe there. */
  readonly sendDeadLetter: (letter: DeadLetter) => Promise<void>;
  readonly schedule: RetrySchedule;
  readonly journal: Journal;
  readonly now: () => Date;
  /** From 0 up to 1. */
  readonly random: () => number;
}

/**
 * Tells the journal what became of a delivery, and sends its retry or its dead letter.
 * @param startedAt when this attempt began
 * @returns whether the message that asked for the delivery is done with it
 * @throws (rejects) when the retry or the dead letter could not be sent
 */
export async function conclude(
  deps: ConclusionDeps,
  delivery: Delivery,
  result: Result,
  startedAt: Date,
): Promise<boolean> {
  const { record, destination, firstAt } = delivery;
  const now = deps.now();
  const { schedule } = deps;
  const step = nextStep(delivery, result, { schedule, now, random: deps.random() });
  tell(deps.journal, delivery, result, step, { startedAt, now });

  switch (step.kind) {
    case 'done':
      return true;
    case 'report':
      return false;
    case 'again':
      await sendLater(deps, {
        record,
        destination: destination.name,
        attempt: step.attempt,
        firstAt: firstAt.toISOString(),
        lastAt: now.toISOString(),
        notBefore: new Date(now.getTime() + step.inSeconds * 1_000).toISOString(),
        reason: step.why.reason,
        status: step.why.status,
      });
      return true;
    case 'bury': {
      const { reason, detail, status, answer } = step.why;
      await deps.sendDeadLetter({
        record,
        destination: destination.name,
        reason: detail === null ? reason : `${reason}: ${detail}`,
        status,
        attempts: step.attempts,
        firstAt: firstAt.toISOString(),
        lastAt: now.toISOString(),
        answer,
      });
      return true;
    }
  }
}

/** Puts a delivery on [retries] until its time; SQS cannot wait longer than 15 minutes at once. */
export async function sendLater(
  { sendRetry, now }: Pick<ConclusionDeps, 'sendRetry' | 'now'>,
  retry: RetryMessage,
): Promise<void> {
  const waitSeconds = Math.ceil((Date.parse(retry.notBefore) - now().getTime()) / 1_000);
  await sendRetry(retry, Math.min(LONGEST_DELAY_SECONDS, Math.max(0, waitSeconds)));
}

function tell(
  journal: Journal,
  { record, destination, attempt }: Delivery,
  result: Result,
  step: NextStep,
  { startedAt, now }: { readonly startedAt: Date; readonly now: Date },
): void {
  const ms = now.getTime() - startedAt.getTime();
  const entry = { id: record.id, event: record.type, destination: destination.name, ms, attempt };
  const age = result.kind === 'delivered' ? ageOf(record, now) : {};
  journal.delivery({ ...entry, ...whatFollows(result, step), ...age });
  if (step.kind !== 'again' && step.kind !== 'bury') return;
  const { alarm, reason } = step.why;
  if (alarm !== null) {
    journal.trouble({ what: alarm, id: record.id, destination: destination.name, reason });
  }
  if (result.kind === 'ledger_unavailable') {
    journal.trouble({ what: 'ledger', id: record.id, destination: destination.name, reason });
  }
}

/** The time from the webhook to its delivery; a queue is a boundary, so the date may be none. */
function ageOf({ data }: RelayRecord, now: Date): Pick<DeliveryEntry, 'ageMs'> {
  const ageMs = now.getTime() - Date.parse(data.receivedAt);
  return Number.isFinite(ageMs) ? { ageMs: Math.max(0, ageMs) } : {};
}

function whatFollows(
  result: Result,
  step: NextStep,
): Pick<DeliveryEntry, 'outcome' | 'reason' | 'status' | 'nextInSeconds'> {
  switch (step.kind) {
    case 'done': {
      const status = result.kind === 'delivered' ? (result.status ?? undefined) : undefined;
      return { outcome: result.kind === 'duplicate' ? 'duplicate' : 'delivered', status };
    }
    case 'report':
      return { outcome: 'retry', reason: step.reason };
    case 'again':
      return {
        outcome: 'retry',
        reason: step.why.reason,
        status: step.why.status ?? undefined,
        nextInSeconds: Math.round(step.inSeconds),
      };
    case 'bury':
      return {
        outcome: step.why.permanent ? 'rejected' : 'dead',
        reason: step.why.reason,
        status: step.why.status ?? undefined,
      };
  }
}
