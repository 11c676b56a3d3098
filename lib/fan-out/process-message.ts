import type { SQSRecord } from 'aws-lambda';
import type { Destination } from '../destinations/destination.ts';
import { rejected } from '../destinations/outcome.ts';
import { errorName } from '../error-name.ts';
import type { RelayRecord } from '../record/record.ts';
import { followUp, type FollowUpDeps, scheduleRetry } from './follow-up.ts';
import type { Delivery } from './delivery.ts';
import { parseMessage } from './queue-messages.ts';
import { hasExpiredSinceReceived } from './overtaken.ts';
import type { DeliveryResult } from './result.ts';
import type { RetryMessage } from './retry-message.ts';
import { routeRecord } from './route.ts';
import { isTooOld } from './retry-schedule.ts';

/** What is needed to settle a message. */
export interface ProcessDeps extends FollowUpDeps {
  readonly destinations: readonly Destination[];
}

/** Makes one attempt at a delivery. */
type Deliver = (delivery: Delivery) => DeliveryResult | Promise<DeliveryResult>;

/**
 * Does everything that one message asks for.
 * @returns whether the message may be forgotten: all of it was delivered, or is safe on another queue
 * @throws (rejects) like a message that may not be forgotten
 */
export async function processMessage(
  deps: ProcessDeps,
  { messageId, body }: Pick<SQSRecord, 'messageId' | 'body'>,
  deliver: Deliver,
): Promise<boolean> {
  const message = parseMessage(body);
  switch (message.kind) {
    case 'record':
      return processRecord(deps, message.record, deliver);
    case 'retry':
      return processRetry(deps, message.retry, deliver);
    case 'unparsable': {
      const { issues } = message;
      const code = 'invalid_message';
      deps.telemetry.error({ code, id: messageId, reason: issues.join('; ') });
      const lastAt = deps.now().toISOString();
      await deps.sendDeadLetter({ reason: 'unparsable', issues: issues, body, lastAt });
      return true;
    }
  }
}

async function processRecord(
  deps: ProcessDeps,
  record: RelayRecord,
  deliver: Deliver,
): Promise<boolean> {
  const { matched, failed, unrouted } = routeRecord(record, deps.destinations);
  const firstAt = deps.now();
  if (unrouted) {
    deps.telemetry.error({ code: 'unrouted', id: record.id });
    await deadLetterUndelivered(deps, record, null, 'unrouted');
    return true;
  }
  // it may have lain in [records], or among the dead letters, for days
  const lastFailure = { reason: 'not tried in time', status: null };
  const unlessExpired: Deliver = (delivery) =>
    hasExpiredSinceReceived(record, firstAt)
      ? { kind: 'overtaken', lastFailure }
      : deliver(delivery);
  const toFirstDelivery = (destination: Destination): Delivery => ({
    record,
    destination,
    attempt: 1,
    firstAt,
  });
  const results = await Promise.all([
    ...matched.map((destination) =>
      processDelivery(deps, toFirstDelivery(destination), unlessExpired),
    ),
    ...failed.map(({ destination, errorClass }) =>
      processDelivery(deps, toFirstDelivery(destination), async () =>
        rejected(`accepts_threw_${errorClass}`),
      ),
    ),
  ]);
  return results.every(Boolean);
}

async function processRetry(
  deps: ProcessDeps,
  retry: RetryMessage,
  deliver: Deliver,
): Promise<boolean> {
  const { record, reason, status = null } = retry;
  const destination = deps.destinations.find(({ name }) => name === retry.destination);
  if (destination === undefined) {
    deps.telemetry.error({ code: 'unknown_destination', id: record.id });
    await deadLetterUndelivered(deps, record, retry.destination, 'unknown_destination', retry);
    return true;
  }
  const now = deps.now();
  if (Date.parse(retry.notBefore) > now.getTime()) {
    await scheduleRetry(deps, retry);
    return true;
  }
  const firstAt = new Date(retry.firstAt);
  const ageSeconds = (now.getTime() - firstAt.getTime()) / 1_000;
  return processDelivery(
    deps,
    { record, destination, attempt: retry.attempt, firstAt },
    (delivery) => {
      const lastFailure = { reason, status };
      if (isTooOld(deps.schedule, ageSeconds)) return { kind: 'too_old', lastFailure };
      if (hasExpiredSinceReceived(record, now)) return { kind: 'overtaken', lastFailure };
      return deliver(delivery);
    },
  );
}

/** One delivery that cannot be followed up must not keep the others of its record from it. */
async function processDelivery(
  deps: ProcessDeps,
  delivery: Delivery,
  deliver: Deliver,
): Promise<boolean> {
  const startedAt = deps.now();
  try {
    return await followUp(deps, delivery, await deliver(delivery), startedAt);
  } catch (error) {
    deps.telemetry.error({
      code: 'follow_up_failed',
      id: delivery.record.id,
      destination: delivery.destination.name,
      reason: errorName(error),
    });
    return false;
  }
}

async function deadLetterUndelivered(
  { sendDeadLetter, now }: ProcessDeps,
  record: RelayRecord,
  destination: string | null,
  reason: string,
  retry?: RetryMessage,
): Promise<void> {
  const lastAt = now().toISOString();
  await sendDeadLetter({
    record,
    destination,
    reason,
    status: retry?.status ?? null,
    attempts: retry === undefined ? 0 : retry.attempt - 1,
    firstAt: retry?.firstAt ?? lastAt,
    lastAt: retry?.lastAt ?? lastAt,
    responseBody: null,
  });
}
