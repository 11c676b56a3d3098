import type { DeliveryLog, Telemetry } from '../telemetry/telemetry.ts';
import { MAX_DELAY_SECONDS } from '../platform/sqs.ts';
import type { RelayRecord } from '../record/record.ts';
import type { DeadLetter } from './dead-letter.ts';
import type { Delivery } from './delivery.ts';
import { type FollowUp, decideFollowUp } from './next-step.ts';
import type { DeliveryResult } from './result.ts';
import type { RetryMessage } from './retry-message.ts';
import type { RetrySchedule } from './retry-schedule.ts';

/** What is needed to follow up on a delivery. */
export interface FollowUpDeps {
  /** Puts a delivery on [retries], hidden for that many seconds; resolves when it is safe there. */
  readonly sendRetry: (retry: RetryMessage, delaySeconds: number) => Promise<void>;
  /** Puts a message on [dead-letters]; resolves when it is safe there. */
  readonly sendDeadLetter: (deadLetter: DeadLetter) => Promise<void>;
  readonly schedule: RetrySchedule;
  readonly telemetry: Telemetry;
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
export async function followUp(
  deps: FollowUpDeps,
  delivery: Delivery,
  result: DeliveryResult,
  startedAt: Date,
): Promise<boolean> {
  const { record, destination, firstAt } = delivery;
  const now = deps.now();
  const { schedule } = deps;
  const decision = decideFollowUp(delivery, result, { schedule, now, random: deps.random() });
  logDelivery(deps.telemetry, delivery, result, decision, { startedAt, now });

  switch (decision.kind) {
    case 'done':
      return true;
    case 'report':
      return false;
    case 'again':
      await scheduleRetry(deps, {
        record,
        destination: destination.name,
        attempt: decision.attempt,
        firstAt: firstAt.toISOString(),
        lastAt: now.toISOString(),
        notBefore: new Date(now.getTime() + decision.delaySeconds * 1_000).toISOString(),
        reason: decision.failure.reason,
        status: decision.failure.status,
      });
      return true;
    case 'bury': {
      const { reason, detail, status, responseBody } = decision.failure;
      await deps.sendDeadLetter({
        record,
        destination: destination.name,
        reason: detail === null ? reason : `${reason}: ${detail}`,
        status,
        attempts: decision.attempts,
        firstAt: firstAt.toISOString(),
        lastAt: now.toISOString(),
        responseBody: responseBody,
      });
      return true;
    }
  }
}

/** Puts a delivery on [retries] until its time; SQS cannot wait longer than 15 minutes at once. */
export async function scheduleRetry(
  { sendRetry, now }: Pick<FollowUpDeps, 'sendRetry' | 'now'>,
  retry: RetryMessage,
): Promise<void> {
  const waitSeconds = Math.ceil((Date.parse(retry.notBefore) - now().getTime()) / 1_000);
  await sendRetry(retry, Math.min(MAX_DELAY_SECONDS, Math.max(0, waitSeconds)));
}

function logDelivery(
  telemetry: Telemetry,
  { record, destination, attempt }: Delivery,
  result: DeliveryResult,
  decision: FollowUp,
  { startedAt, now }: { readonly startedAt: Date; readonly now: Date },
): void {
  const ms = now.getTime() - startedAt.getTime();
  const entry = { id: record.id, event: record.type, destination: destination.name, ms, attempt };
  const age = result.kind === 'delivered' ? measureRecordAge(record, now) : {};
  telemetry.deliveryAttempted({ ...entry, ...toLogFields(result, decision), ...age });
  if (decision.kind !== 'again' && decision.kind !== 'bury') return;
  const { alert, reason } = decision.failure;
  if (alert !== null) {
    telemetry.error({ code: alert, id: record.id, destination: destination.name, reason });
  }
  if (result.kind === 'ledger_unavailable') {
    telemetry.error({ code: 'ledger', id: record.id, destination: destination.name, reason });
  }
}

/** The time from the webhook to its delivery; a queue is a boundary, so the date may be none. */
function measureRecordAge({ data }: RelayRecord, now: Date): Pick<DeliveryLog, 'ageMs'> {
  const ageMs = now.getTime() - Date.parse(data.receivedAt);
  return Number.isFinite(ageMs) ? { ageMs: Math.max(0, ageMs) } : {};
}

function toLogFields(
  result: DeliveryResult,
  decision: FollowUp,
): Pick<DeliveryLog, 'outcome' | 'reason' | 'status' | 'nextInSeconds'> {
  switch (decision.kind) {
    case 'done': {
      const status = result.kind === 'delivered' ? (result.status ?? undefined) : undefined;
      return { outcome: result.kind === 'duplicate' ? 'duplicate' : 'delivered', status };
    }
    case 'report':
      return { outcome: 'retry', reason: decision.reason };
    case 'again':
      return {
        outcome: 'retry',
        reason: decision.failure.reason,
        status: decision.failure.status ?? undefined,
        nextInSeconds: Math.round(decision.delaySeconds),
      };
    case 'bury':
      return {
        outcome: decision.failure.isPermanent ? 'rejected' : 'dead',
        reason: decision.failure.reason,
        status: decision.failure.status ?? undefined,
      };
  }
}
