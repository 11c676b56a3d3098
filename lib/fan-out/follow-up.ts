import type { DeliveriesTable, GivenUp, RowEnd } from '../deliveries/deliveries.ts';
import { toDeliveryKey, toWebhook } from '../deliveries/row.ts';
import type { Destination } from '../destinations/destination.ts';
import type { Failure, Rejected, Retry } from '../destinations/outcome.ts';
import { errorName } from '../error-name.ts';
import type { RelayRecord } from '../record/record.ts';
import type { AlertCode, ErrorCode } from '../telemetry/error-codes.ts';
import type { DeliveryLog } from '../telemetry/log-lines.ts';
import type { DeadLetterReason, FailureReason } from '../telemetry/reason-codes.ts';
import type { Telemetry } from '../telemetry/telemetry.ts';
import type { Delivery, DeliveryResult, HeldRows } from './delivery.ts';
import type { DeadLetter } from './queue-messages.ts';
import {
  isNearEnd,
  planNextAttempt,
  planWaitSeconds,
  type RetrySchedule,
} from './retry-schedule.ts';

/** What follows from the result of a delivery. */
export type FollowUp =
  /** Delete its message: the destination has the record, or it was given up or erased before. */
  | { readonly kind: 'ack' }
  /** Hide its message until then. `failure` says why it waits; `attempts` are those used up. */
  | {
      readonly kind: 'hide';
      readonly until: Date;
      readonly attempts: number;
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
  /** Puts a message on [dead-letters]; resolves when SQS has stored it. */
  readonly sendDeadLetter: (deadLetter: DeadLetter) => Promise<void>;
  readonly deliveries: DeliveriesTable;
  readonly schedule: RetrySchedule;
  readonly telemetry: Telemetry;
  readonly now: () => Date;
  /** From 0 up to 1. */
  readonly random: () => number;
}

/** Whether the message of a delivery can be deleted; if not, until when it is to be hidden. */
export type Settled = { readonly kind: 'ack' } | { readonly kind: 'hide'; readonly until: Date };

/**
 * Logs the result of a delivery, sends its dead letter, and finishes its rows. The order is dead letter,
 * row, deleting the message: whatever fails between two of them, the delivery is on a queue, and no row
 * says of it what is not true. A dead letter that cannot be stored leaves the delivery waiting.
 * @param held its rows, null when none were taken
 * @param startedAt when processing the delivery began
 */
export async function followUp(
  deps: FollowUpDeps,
  delivery: Delivery,
  result: DeliveryResult,
  held: HeldRows | null,
  startedAt: Date,
): Promise<Settled> {
  const now = deps.now();
  const context = { schedule: deps.schedule, now, random: deps.random() };
  const decision = decideFollowUp(delivery, result, held, context);
  const wasAttempted = 'isProbe' in result;
  logDelivery(deps.telemetry, delivery, result, held, decision, { startedAt, now });

  switch (decision.kind) {
    case 'ack':
      if (held !== null) {
        const attempts = result.kind === 'delivered' ? held.attempt : held.attempt - 1;
        await finishRows(deps, delivery, held, { state: 'delivered', attempts });
      }
      return { kind: 'ack' };
    case 'hide':
      return hide(deps, delivery, held, decision, wasAttempted);
    case 'dead_letter': {
      const { reason, attempts, failure } = decision;
      const firstAt = held?.firstAt ?? new Date(delivery.times.requestedAt);
      try {
        await deps.sendDeadLetter({
          record: delivery.record,
          destination: delivery.destination.id,
          reason,
          lastFailure: toFailure(failure),
          detail: failure.detail,
          attempts,
          firstAt: firstAt.toISOString(),
          lastAt: now.toISOString(),
          responseBody: failure.responseBody,
        });
      } catch (error) {
        const { record, destination } = delivery;
        const ids = { id: record.id, destination: destination.name };
        deps.telemetry.error({ code: 'follow_up_failed', ...ids, cause: errorName(error) });
        const until = toDate(now, planWaitSeconds(ageSeconds(delivery, now), 0, context.random));
        // the attempt is made again, and with it the dead letter
        const usedUp = held === null ? 0 : held.attempt - 1;
        const decidedAgain = { kind: 'hide', until, attempts: usedUp, failure } as const;
        return hide(deps, delivery, held, decidedAgain, wasAttempted);
      }
      if (held !== null) {
        const lastFailure = toFailure(failure);
        await finishRows(deps, delivery, held, { state: 'dead', attempts, lastFailure, reason });
      } else {
        const { record, destination } = delivery;
        await giveUpRow(deps, record, destination, { reason, lastFailure: toFailure(failure) });
      }
      return { kind: 'ack' };
    }
  }
}

/** Writes that a delivery is dead which was given up without being taken. What fails is reported. */
export async function giveUpRow(
  {
    deliveries,
    telemetry,
  }: { readonly deliveries: Pick<DeliveriesTable, 'giveUp'>; readonly telemetry: Telemetry },
  record: RelayRecord,
  destination: Pick<Destination, 'id' | 'name'>,
  end: GivenUp,
): Promise<void> {
  const key = toDeliveryKey(record, destination.id);
  const result = await deliveries.giveUp(key, end, toWebhook(record));
  if (result.kind === 'finished') return;
  const ids = { id: record.id, destination: destination.name };
  telemetry.error({ code: 'deliveries_write_failed', ...ids, cause: result.cause });
}

/** Ends the hold of a delivery that waits, before its message is hidden. */
async function hide(
  deps: FollowUpDeps,
  delivery: Delivery,
  held: HeldRows | null,
  { until, attempts, failure }: Extract<FollowUp, { kind: 'hide' }>,
  wasAttempted: boolean,
): Promise<Settled> {
  if (held !== null) {
    await finishRows(deps, delivery, held, {
      state: 'waiting',
      attempts,
      lastFailure: toFailure(failure),
      nextAt: until.toISOString(),
      // what was not attempted is as suspect as it was before
      unfinishedTries: wasAttempted ? 0 : held.unfinishedTries,
    });
  }
  return { kind: 'hide', until };
}

/** Ends the hold of a delivery that is not attempted yet, and leaves the rest of its rows as it was. */
export async function freeRows(
  deps: FollowUpDeps,
  delivery: Delivery,
  held: HeldRows,
  now: Date,
): Promise<void> {
  await finishRows(deps, delivery, held, {
    state: 'waiting',
    attempts: held.attempt - 1,
    lastFailure: held.lastFailure ?? toFailure(withoutResponse('attempt_unfinished', null)),
    nextAt: now.toISOString(),
    unfinishedTries: held.unfinishedTries,
  });
}

type RowEndWithoutTimes = RowEnd extends infer End
  ? End extends RowEnd
    ? Omit<End, 'firstAt'>
    : never
  : never;

async function finishRows(
  { deliveries, telemetry }: FollowUpDeps,
  { record, destination }: Delivery,
  { rows, firstAt }: HeldRows,
  end: RowEndWithoutTimes,
): Promise<void> {
  const results = await Promise.all(rows.map((row) => deliveries.finish(row, { ...end, firstAt })));
  const lost = results.find(({ kind }) => kind === 'not_written');
  if (lost?.kind !== 'not_written') return;
  telemetry.error({
    code: end.state === 'delivered' ? 'delivered_write_failed' : 'deliveries_write_failed',
    id: record.id,
    destination: destination.name,
    cause: lost.cause,
  });
}

/** Decides what follows from the result of a delivery. Pure. */
export function decideFollowUp(
  delivery: Delivery,
  result: DeliveryResult,
  held: HeldRows | null,
  context: FollowUpContext,
): FollowUp {
  const usedUp = held === null ? 0 : held.attempt - 1;
  switch (result.kind) {
    case 'delivered':
    case 'duplicate':
    case 'given_up':
    case 'erased':
      return { kind: 'ack' };
    case 'in_progress':
    case 'not_due': {
      const failure = withoutResponse(result.kind, null);
      return { kind: 'hide', until: result.until, attempts: usedUp, failure };
    }
    case 'insufficient_time':
      return waitOrGiveUp(
        delivery,
        usedUp,
        withoutResponse(result.kind, null),
        result.until,
        context,
      );
    case 'circuit_open': {
      const { reason, cause, status } = result.openedBy;
      const failure = { ...withoutResponse('circuit_open', cause ?? reason), status };
      return waitOrGiveUp(delivery, usedUp, failure, result.until, context);
    }
    case 'deliveries_unavailable':
      return waitOrGiveUp(
        delivery,
        usedUp,
        withoutResponse('deliveries_unavailable', result.cause),
        context.now,
        context,
      );
    case 'voucher_expired': {
      const failure = { ...withoutResponse('not_attempted', null), ...held?.lastFailure };
      return { kind: 'dead_letter', reason: 'voucher_expired', attempts: usedUp, failure };
    }
    case 'attempts_unfinished': {
      const failure = withoutResponse('attempt_unfinished', null);
      return { kind: 'dead_letter', reason: 'attempts_unfinished', attempts: usedUp, failure };
    }
    case 'rejected':
      return {
        kind: 'dead_letter',
        reason: 'rejected',
        attempts: usedUp + 1,
        failure: toDetails(result),
      };
    case 'retry':
      return followRetry(delivery, result, held, context);
  }
}

function followRetry(
  delivery: Delivery,
  result: Retry & { readonly isProbe: boolean },
  held: HeldRows | null,
  context: FollowUpContext,
): FollowUp {
  const { schedule, now, random } = context;
  const attempt = held?.attempt ?? 1;
  const failure = toDetails(result);
  if (result.maybeDelivered && delivery.destination.onNoResponse === 'dead-letter') {
    return { kind: 'dead_letter', reason: 'maybe_delivered', attempts: attempt, failure };
  }
  const retryAfterSeconds = result.retryAfterSeconds ?? 0;
  if (!result.countsAsAttempt || result.isProbe) {
    const until = toDate(now, retryAfterSeconds * (1 + random / 5));
    return waitOrGiveUp(delivery, attempt - 1, failure, until, context);
  }
  const firstAt = held?.firstAt ?? now;
  const next = planNextAttempt(
    schedule,
    {
      attempt,
      ageSeconds: (now.getTime() - firstAt.getTime()) / 1_000,
      minDelaySeconds: retryAfterSeconds,
    },
    random,
  );
  if (next.kind === 'give_up') {
    return { kind: 'dead_letter', reason: next.reason, attempts: attempt, failure };
  }
  // SQS deletes a message, hidden or not, when its retention is over
  if (isNearEnd(ageSeconds(delivery, now) + next.delaySeconds, delivery.receives)) {
    return { kind: 'dead_letter', reason: 'too_old', attempts: attempt, failure };
  }
  return { kind: 'hide', until: toDate(now, next.delaySeconds), attempts: attempt, failure };
}

/**
 * A delivery that waits for its destination, and not for its own next attempt. It is given up only when
 * SQS would delete it soon.
 * @param notBefore how long the destination is known to take nothing
 */
function waitOrGiveUp(
  delivery: Delivery,
  attempts: number,
  failure: FailureDetails,
  notBefore: Date,
  { now, random }: FollowUpContext,
): FollowUp {
  const age = ageSeconds(delivery, now);
  if (isNearEnd(age, delivery.receives))
    return { kind: 'dead_letter', reason: 'too_old', attempts, failure };
  const minDelaySeconds = (notBefore.getTime() - now.getTime()) / 1_000;
  const until = toDate(now, planWaitSeconds(age, minDelaySeconds, random));
  return { kind: 'hide', until, attempts, failure };
}

function ageSeconds({ sentAt }: Delivery, now: Date): number {
  return (now.getTime() - sentAt.getTime()) / 1_000;
}

function toDate(now: Date, seconds: number): Date {
  return new Date(now.getTime() + seconds * 1_000);
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
  { record, destination }: Delivery,
  result: DeliveryResult,
  held: HeldRows | null,
  decision: FollowUp,
  { startedAt, now }: { readonly startedAt: Date; readonly now: Date },
): void {
  const ids = { id: record.id, destination: destination.name };
  telemetry.deliveryProcessed({
    ...ids,
    event: record.type,
    ms: now.getTime() - startedAt.getTime(),
    ...(held === null ? {} : { attempt: held.attempt }),
    ...(held?.isReleased === true && { released: true }),
    ...toLogFields(result, decision, now),
    ...(result.kind === 'delivered' ? { ageMs: measureAgeMs(record.data.receivedAt, now) } : {}),
  });
  const code = toErrorCode(result, decision);
  if (code === null || decision.kind === 'ack') return;
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
  now: Date,
): Pick<DeliveryLog, 'status' | 'reason' | 'failure' | 'cause' | 'httpStatus' | 'nextInSeconds'> {
  switch (decision.kind) {
    case 'ack':
      if (result.kind === 'erased') return { status: 'erased' };
      return result.kind === 'delivered'
        ? { status: 'delivered', httpStatus: result.status ?? undefined }
        : { status: 'duplicate' };
    case 'hide': {
      const nextInSeconds = Math.round((decision.until.getTime() - now.getTime()) / 1_000);
      const status = result.kind === 'in_progress' ? 'in_progress' : 'waiting';
      return { status, ...toFailureFields(decision.failure), nextInSeconds };
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
