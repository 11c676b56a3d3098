import type { AlertCode, Rejected, Retry } from '../destinations/outcome.ts';
import type { Delivery } from './delivery.ts';
import type { DeliveryResult } from './result.ts';
import { planNextAttempt, type RetrySchedule } from './retry-schedule.ts';

/** What is to be done about a delivery. */
export type FollowUp =
  | { readonly kind: 'done' }
  | {
      readonly kind: 'again';
      readonly attempt: number;
      readonly delaySeconds: number;
      readonly failure: FailureDetails;
    }
  | { readonly kind: 'bury'; readonly attempts: number; readonly failure: FailureDetails }
  /** Report the message as failed: SQS brings it back. */
  | { readonly kind: 'report'; readonly reason: string };

/** The reason, what a dead letter says about it, and whom it wakes. */
export interface FailureDetails {
  /** Words for the journal. */
  readonly reason: string;
  readonly detail: string | null;
  readonly status: number | null;
  readonly responseBody: string | null;
  readonly alert: AlertCode | null;
  /** Whether another attempt would have been no use from the start. */
  readonly isPermanent: boolean;
}

/** What the decision depends on beside the delivery and its result. */
export interface FollowUpContext {
  readonly schedule: RetrySchedule;
  readonly now: Date;
  /** From 0 up to 1, for the jitter of the next wait. */
  readonly random: number;
}

/** Decides what follows from what became of a delivery. */
export function decideFollowUp(
  delivery: Delivery,
  result: DeliveryResult,
  context: FollowUpContext,
): FollowUp {
  const { attempt, destination } = delivery;
  switch (result.kind) {
    case 'delivered':
    case 'duplicate':
      return { kind: 'done' };
    case 'claimed_elsewhere':
    case 'no_time_left':
      return { kind: 'report', reason: result.kind };
    case 'retry':
      if (result.maybeDelivered && destination.onNoResponse === 'dead-letter') {
        return {
          kind: 'bury',
          attempts: attempt,
          failure: { ...permanentFailure(result), reason: `uncertain: ${result.reason}` },
        };
      }
      return retryOrGiveUp(delivery, transientFailure(result), context, {
        countsAsAttempt: result.countsAsAttempt,
        minDelaySeconds: result.retryAfterSeconds ?? 0,
      });
    case 'held_back':
      return retryOrGiveUp(delivery, notAttempted(`held_back: ${result.reason}`), context, {
        countsAsAttempt: false,
        minDelaySeconds: result.openForSeconds,
      });
    case 'ledger_unavailable':
      return retryOrGiveUp(
        delivery,
        notAttempted(`ledger_unavailable: ${result.reason}`),
        context,
        {
          countsAsAttempt: false,
          minDelaySeconds: 0,
        },
      );
    case 'rejected':
      return { kind: 'bury', attempts: attempt, failure: permanentFailure(result) };
    case 'overtaken':
    case 'too_old': {
      const failure = notAttempted(`${result.kind}: ${result.lastFailure.reason}`);
      return {
        kind: 'bury',
        attempts: attempt - 1,
        failure: { ...failure, status: result.lastFailure.status },
      };
    }
  }
}

function retryOrGiveUp(
  { attempt, firstAt }: Delivery,
  failure: FailureDetails,
  { schedule, now, random }: FollowUpContext,
  wait: { readonly countsAsAttempt: boolean; readonly minDelaySeconds: number },
): FollowUp {
  const ageSeconds = (now.getTime() - firstAt.getTime()) / 1_000;
  const next = planNextAttempt(schedule, { ...wait, attempt, ageSeconds }, random);
  if (next.kind === 'again') return { ...next, failure };
  const attempts = wait.countsAsAttempt ? attempt : attempt - 1;
  return {
    kind: 'bury',
    attempts,
    failure: { ...failure, reason: `${next.reason}: ${failure.reason}` },
  };
}

function transientFailure({ reason, status, responseBody, alert }: Retry): FailureDetails {
  return {
    reason,
    detail: null,
    status,
    responseBody: responseBody,
    alert: alert,
    isPermanent: false,
  };
}

function permanentFailure(result: Rejected | Retry): FailureDetails {
  const { reason, status, responseBody, alert } = result;
  const detail = result.kind === 'rejected' ? result.detail : null;
  return { reason, detail, status, responseBody: responseBody, alert: alert, isPermanent: true };
}

function notAttempted(reason: string): FailureDetails {
  return {
    reason,
    detail: null,
    status: null,
    responseBody: null,
    alert: null,
    isPermanent: false,
  };
}
