import type { DeliveriesTable, RowEnd } from '../deliveries/deliveries-table.ts';
import type { Failure, Rejected, Retry } from '../destinations/outcome.ts';
import { MAX_DELAY_SECONDS } from '../platform/sqs.ts';
import type { AlertCode, ErrorCode } from '../telemetry/error-codes.ts';
import type { DeliveryLog } from '../telemetry/log-lines.ts';
import type { DeadLetterReason, FailureReason } from '../telemetry/reason-codes.ts';
import type { Telemetry } from '../telemetry/telemetry.ts';
import type { Delivery, DeliveryResult, ProcessedDelivery } from './delivery.ts';
import type { DeadLetter, RetryMessage } from './queue-messages.ts';
import { planNextAttempt, type RetrySchedule } from './retry-schedule.ts';

/** What follows from the result of a delivery. */
export type FollowUp =
  /** Nothing: the destination has the record. */
  | { readonly kind: 'ack' }
  /** Leave the message to SQS, which delivers it again after the visibility timeout. */
  | { readonly kind: 'leave'; readonly reason: 'in_progress' | 'insufficient_time' }
  | {
      readonly kind: 'retry';
      readonly attempt: number;
      readonly delaySeconds: number;
      readonly failure: FailureDetails;
    }
  | {
      readonly kind: 'dead_letter';
      readonly reason: DeadLetterReason;
      /** How many attempts were used up. */
      readonly attempts: number;
      readonly failure: FailureDetails;
    };

/** A failure with what a dead letter keeps of it, and the alert that it raises. */
export interface FailureDetails extends Failure {
  readonly detail: string | null;
  readonly responseBody: string | null;
  readonly alert: AlertCode | null;
}

/** What the decision depends on beside the delivery and its result. */
export interface FollowUpContext {
  readonly schedule: RetrySchedule;
  readonly now: Date;
  /** From 0 up to 1, for the jitter of the next delay. */
  readonly random: number;
}

/** The dependencies of `followUp`. */
export interface FollowUpDeps {
  /** Puts a delivery on [retries], hidden for that many seconds; resolves when SQS has stored it. */
  readonly sendRetry: (retry: RetryMessage, delaySeconds: number) => Promise<void>;
  /** Puts a message on [dead-letters]; resolves when SQS has stored it. */
  readonly sendDeadLetter: (deadLetter: DeadLetter) => Promise<void>;
  readonly deliveries: DeliveriesTable;
  readonly schedule: RetrySchedule;
  readonly telemetry: Telemetry;
  readonly now: () => Date;
  /** From 0 up to 1. */
  readonly random: () => number;
}

/**
 * Logs the result of a delivery, sends its retry or its dead letter, and finishes its rows. A row is
 * finished after the message is stored, so no row says waiting or dead of a delivery that is neither.
 * What is left to SQS keeps its rows held: their hold ends with the invocation.
 * @param startedAt when processing the delivery began
 * @returns whether the message can be acknowledged as far as this delivery is concerned
 * @throws (rejects) when the retry or the dead letter could not be sent
 */
export async function followUp(
  deps: FollowUpDeps,
  delivery: Delivery,
  { result, rows }: ProcessedDelivery,
  startedAt: Date,
): Promise<boolean> {
  const now = deps.now();
  const context = { schedule: deps.schedule, now, random: deps.random() };
  const decision = decideFollowUp(delivery, result, context);
  logDelivery(deps.telemetry, delivery, result, decision, { startedAt, now });

  const { record, destination, firstAt } = delivery;
  const times = { firstAt: firstAt.toISOString(), lastAt: now.toISOString() };
  const finishRows = async (end: RowEnd): Promise<void> => {
    const results = await Promise.all(rows.map((row) => deps.deliveries.finish(row, end)));
    const lost = results.find(({ kind }) => kind === 'not_written');
    if (lost?.kind !== 'not_written') return;
    deps.telemetry.error({
      code: end.state === 'delivered' ? 'delivered_write_failed' : 'deliveries_write_failed',
      id: record.id,
      destination: destination.name,
      cause: lost.cause,
    });
  };
  switch (decision.kind) {
    case 'ack':
      await finishRows({ state: 'delivered', attempts: delivery.attempt, firstAt });
      return true;
    case 'leave':
      return false;
    case 'retry': {
      const notBefore = new Date(now.getTime() + decision.delaySeconds * 1_000).toISOString();
      const lastFailure = toFailure(decision.failure);
      await scheduleRetry(deps, {
        record,
        destination: destination.name,
        attempt: decision.attempt,
        ...times,
        notBefore,
        lastFailure,
      });
      const attempts = decision.attempt - 1;
      await finishRows({ state: 'waiting', attempts, firstAt, lastFailure, nextAt: notBefore });
      return true;
    }
    case 'dead_letter': {
      const { reason, attempts, failure } = decision;
      const lastFailure = toFailure(failure);
      await deps.sendDeadLetter({
        record,
        destination: destination.name,
        reason,
        lastFailure,
        detail: failure.detail,
        attempts,
        ...times,
        responseBody: failure.responseBody,
      });
      await finishRows({ state: 'dead', attempts, firstAt, lastFailure, reason });
      return true;
    }
  }
}

/** Puts a delivery on [retries] until its time. SQS delays a message by 15 minutes at most. */
export async function scheduleRetry(
  { sendRetry, now }: Pick<FollowUpDeps, 'sendRetry' | 'now'>,
  retry: RetryMessage,
): Promise<void> {
  const waitSeconds = Math.ceil((Date.parse(retry.notBefore) - now().getTime()) / 1_000);
  await sendRetry(retry, Math.min(MAX_DELAY_SECONDS, Math.max(0, waitSeconds)));
}

/** Decides what follows from the result of a delivery. Pure. */
export function decideFollowUp(
  delivery: Delivery,
  result: DeliveryResult,
  context: FollowUpContext,
): FollowUp {
  const { attempt, destination } = delivery;
  switch (result.kind) {
    case 'delivered':
    case 'duplicate':
      return { kind: 'ack' };
    case 'in_progress':
    case 'insufficient_time':
      return { kind: 'leave', reason: result.kind };
    case 'retry': {
      const failure = toDetails(result);
      if (result.maybeDelivered && destination.onNoResponse === 'dead-letter') {
        return { kind: 'dead_letter', reason: 'maybe_delivered', attempts: attempt, failure };
      }
      return retryOrGiveUp(delivery, failure, context, {
        countsAsAttempt: result.countsAsAttempt,
        minDelaySeconds: result.retryAfterSeconds ?? 0,
      });
    }
    case 'circuit_open': {
      const { reason, cause, status } = result.openedBy;
      const failure = { ...withoutResponse('circuit_open', cause ?? reason), status };
      return retryOrGiveUp(delivery, failure, context, {
        countsAsAttempt: false,
        minDelaySeconds: result.openForSeconds,
      });
    }
    case 'deliveries_unavailable': {
      const failure = withoutResponse('deliveries_unavailable', result.cause);
      return retryOrGiveUp(delivery, failure, context, {
        countsAsAttempt: false,
        // an earlier retry could meet the hold that this message took without knowing
        minDelaySeconds: result.maybeHeldForMs / 1_000,
      });
    }
    case 'rejected':
      return {
        kind: 'dead_letter',
        reason: 'rejected',
        attempts: attempt,
        failure: toDetails(result),
      };
    case 'voucher_expired':
    case 'too_old': {
      const { reason, cause, status } = result.lastFailure;
      return {
        kind: 'dead_letter',
        reason: result.kind,
        attempts: attempt - 1,
        failure: { ...withoutResponse(reason, cause), status },
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
  if (next.kind === 'retry') return { ...next, failure };
  const attempts = wait.countsAsAttempt ? attempt : attempt - 1;
  return { kind: 'dead_letter', reason: next.reason, attempts, failure };
}

function toDetails(outcome: Retry | Rejected): FailureDetails {
  const { responseBody, alert } = outcome;
  const detail = outcome.kind === 'rejected' ? outcome.detail : null;
  return { ...toFailure(outcome), detail, responseBody, alert };
}

function withoutResponse(reason: FailureReason, cause: string | null): FailureDetails {
  return { reason, cause, status: null, detail: null, responseBody: null, alert: null };
}

function toFailure({ reason, cause, status }: Failure): Failure {
  return { reason, cause, status };
}

function logDelivery(
  telemetry: Telemetry,
  { record, destination, attempt }: Delivery,
  result: DeliveryResult,
  decision: FollowUp,
  { startedAt, now }: { readonly startedAt: Date; readonly now: Date },
): void {
  const ids = { id: record.id, destination: destination.name };
  telemetry.deliveryProcessed({
    ...ids,
    event: record.type,
    ms: now.getTime() - startedAt.getTime(),
    attempt,
    ...toLogFields(result, decision),
    ...(result.kind === 'delivered' ? { ageMs: measureAgeMs(record.data.receivedAt, now) } : {}),
  });
  const code = toErrorCode(result, decision);
  if (code === null || decision.kind === 'ack' || decision.kind === 'leave') return;
  telemetry.error({ code, ...ids, ...toFailureFields(decision.failure) });
}

/** The error that an operator should know of beside the log line of the delivery, or null. */
function toErrorCode(result: DeliveryResult, decision: FollowUp): ErrorCode | null {
  if (result.kind === 'deliveries_unavailable') return 'deliveries_unavailable';
  return 'failure' in decision ? decision.failure.alert : null;
}

/** Milliseconds from the webhook; undefined when its time cannot be read, since a queue is a boundary. */
function measureAgeMs(receivedAt: string, now: Date): number | undefined {
  const ageMs = now.getTime() - Date.parse(receivedAt);
  return Number.isFinite(ageMs) ? Math.max(0, ageMs) : undefined;
}

function toLogFields(
  result: DeliveryResult,
  decision: FollowUp,
): Pick<DeliveryLog, 'status' | 'reason' | 'failure' | 'cause' | 'httpStatus' | 'nextInSeconds'> {
  switch (decision.kind) {
    case 'ack':
      return result.kind === 'delivered'
        ? { status: 'delivered', httpStatus: result.status ?? undefined }
        : { status: 'duplicate' };
    case 'leave':
      return decision.reason === 'in_progress'
        ? { status: 'in_progress', failure: 'in_progress' }
        : { status: 'waiting', failure: decision.reason };
    case 'retry': {
      const nextInSeconds = Math.round(decision.delaySeconds);
      return { status: 'waiting', ...toFailureFields(decision.failure), nextInSeconds };
    }
    case 'dead_letter':
      return { status: 'dead', reason: decision.reason, ...toFailureFields(decision.failure) };
  }
}

/** The fields of a log line that say what an attempt failed with. */
export function toFailureFields({
  reason,
  cause,
  status,
}: Failure): Pick<DeliveryLog, 'failure' | 'cause' | 'httpStatus'> {
  return { failure: reason, cause: cause ?? undefined, httpStatus: status ?? undefined };
}
