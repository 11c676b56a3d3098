import type { Alarm, Rejected, Retry } from '../destinations/outcome.ts';
import type { Delivery } from './delivery.ts';
import type { Result } from './result.ts';
import { nextAttempt, type RetrySchedule } from './retry-schedule.ts';

/** What is to be done about a delivery. */
export type NextStep =
  | { readonly kind: 'done' }
  | {
      readonly kind: 'again';
      readonly attempt: number;
      readonly inSeconds: number;
      readonly why: Why;
    }
  | { readonly kind: 'bury'; readonly attempts: number; readonly why: Why }
  /** Report the message as failed: SQS brings it back. */
  | { readonly kind: 'report'; readonly reason: string };

/** The reason, what a dead letter says about it, and whom it wakes. */
export interface Why {
  /** Words for the journal. */
  readonly reason: string;
  readonly detail: string | null;
  readonly status: number | null;
  readonly answer: string | null;
  readonly alarm: Alarm | null;
  /** Whether another attempt would have been no use from the start. */
  readonly permanent: boolean;
}

/** What the decision depends on beside the delivery and its result. */
export interface Circumstances {
  readonly schedule: RetrySchedule;
  readonly now: Date;
  /** From 0 up to 1, for the jitter of the next wait. */
  readonly random: number;
}

/** Decides what follows from what became of a delivery. */
export function nextStep(
  delivery: Delivery,
  result: Result,
  circumstances: Circumstances,
): NextStep {
  const { attempt, destination } = delivery;
  switch (result.kind) {
    case 'delivered':
    case 'duplicate':
      return { kind: 'done' };
    case 'claimed_elsewhere':
    case 'no_time_left':
      return { kind: 'report', reason: result.kind };
    case 'retry':
      if (result.uncertain && destination.whenUncertain === 'dead-letter') {
        return {
          kind: 'bury',
          attempts: attempt,
          why: { ...permanent(result), reason: `uncertain: ${result.reason}` },
        };
      }
      return tryAgain(delivery, temporary(result), circumstances, {
        usesAttempt: result.usesAttempt,
        atLeastSeconds: result.afterSeconds ?? 0,
      });
    case 'held_back':
      return tryAgain(delivery, noAttempt(`held_back: ${result.because}`), circumstances, {
        usesAttempt: false,
        atLeastSeconds: result.forSeconds,
      });
    case 'ledger_unavailable':
      return tryAgain(delivery, noAttempt(`ledger_unavailable: ${result.because}`), circumstances, {
        usesAttempt: false,
        atLeastSeconds: 0,
      });
    case 'rejected':
      return { kind: 'bury', attempts: attempt, why: permanent(result) };
    case 'overtaken':
    case 'too_old': {
      const why = noAttempt(`${result.kind}: ${result.after.reason}`);
      return { kind: 'bury', attempts: attempt - 1, why: { ...why, status: result.after.status } };
    }
  }
}

function tryAgain(
  { attempt, firstAt }: Delivery,
  why: Why,
  { schedule, now, random }: Circumstances,
  wait: { readonly usesAttempt: boolean; readonly atLeastSeconds: number },
): NextStep {
  const ageSeconds = (now.getTime() - firstAt.getTime()) / 1_000;
  const next = nextAttempt(schedule, { ...wait, attempt, ageSeconds }, random);
  if (next.kind === 'again') return { ...next, why };
  const attempts = wait.usesAttempt ? attempt : attempt - 1;
  return { kind: 'bury', attempts, why: { ...why, reason: `${next.because}: ${why.reason}` } };
}

function temporary({ reason, status, answer, alarm }: Retry): Why {
  return { reason, detail: null, status, answer, alarm, permanent: false };
}

function permanent(result: Rejected | Retry): Why {
  const { reason, status, answer, alarm } = result;
  const detail = result.kind === 'rejected' ? result.detail : null;
  return { reason, detail, status, answer, alarm, permanent: true };
}

function noAttempt(reason: string): Why {
  return { reason, detail: null, status: null, answer: null, alarm: null, permanent: false };
}
