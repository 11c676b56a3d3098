import type { SQSRecord } from 'aws-lambda';
import type { Destination } from '../destinations/destination.ts';
import { rejected } from '../destinations/outcome.ts';
import { errorName } from '../error-name.ts';
import type { RelayRecord } from '../record/record.ts';
import { hasExpiredSinceReceived } from '../record/usability.ts';
import type { DeadLetterReason } from '../telemetry/reason-codes.ts';
import type { Delivery, ProcessedDelivery } from './delivery.ts';
import { followUp, type FollowUpDeps, scheduleRetry } from './follow-up.ts';
import { parseMessage, type RetryMessage } from './queue-messages.ts';
import { isTooOld } from './retry-schedule.ts';
import { routeRecord } from './route.ts';

/** The dependencies of `processMessage`. */
export interface ProcessDeps extends FollowUpDeps {
  readonly destinations: readonly Destination[];
}

/** Makes one delivery (lib/fan-out/deliver.ts), or returns why it makes no attempt. */
type MakeDelivery = (delivery: Delivery) => Promise<ProcessedDelivery>;

/**
 * Processes one message of [records] or [retries].
 * @returns whether the message can be acknowledged: each of its deliveries is delivered, or stored as a
 * retry or a dead letter
 * @throws (rejects) when it cannot be acknowledged
 */
export async function processMessage(
  deps: ProcessDeps,
  { messageId, body }: Pick<SQSRecord, 'messageId' | 'body'>,
  makeDelivery: MakeDelivery,
): Promise<boolean> {
  const message = parseMessage(body);
  switch (message.kind) {
    case 'record':
      return processRecord(deps, message.record, makeDelivery);
    case 'retry':
      return processRetry(deps, message.retry, makeDelivery);
    case 'invalid': {
      const { issues } = message;
      deps.telemetry.error({ code: 'invalid_message', id: messageId, issues });
      const lastAt = deps.now().toISOString();
      await deps.sendDeadLetter({ reason: 'invalid_message', issues, body, lastAt });
      return true;
    }
  }
}

async function processRecord(
  deps: ProcessDeps,
  record: RelayRecord,
  makeDelivery: MakeDelivery,
): Promise<boolean> {
  const { matched, failed, unrouted } = routeRecord(record, deps.destinations);
  const firstAt = deps.now();
  if (unrouted) {
    deps.telemetry.error({ code: 'unrouted', id: record.id });
    await sendUnattempted(deps, record, null, 'unrouted');
    return true;
  }
  // the record may have waited in [records], or among the dead letters, for days
  const hasExpired = hasExpiredSinceReceived(record, firstAt);
  const lastFailure = { reason: 'not_attempted', cause: null, status: null } as const;
  const processed = await Promise.all([
    ...matched.map((destination) =>
      processDelivery(deps, { record, destination, attempt: 1, firstAt }, async (delivery) =>
        hasExpired
          ? { result: { kind: 'voucher_expired', lastFailure }, rows: [] }
          : makeDelivery(delivery),
      ),
    ),
    ...failed.map(({ destination, cause }) =>
      processDelivery(deps, { record, destination, attempt: 1, firstAt }, async () => ({
        result: rejected('accepts_threw', { cause }),
        rows: [],
      })),
    ),
  ]);
  return processed.every(Boolean);
}

async function processRetry(
  deps: ProcessDeps,
  retry: RetryMessage,
  makeDelivery: MakeDelivery,
): Promise<boolean> {
  const { record, attempt, lastFailure } = retry;
  const destination = deps.destinations.find(({ name }) => name === retry.destination);
  if (destination === undefined) {
    deps.telemetry.error({ code: 'unknown_destination', id: record.id });
    await sendUnattempted(deps, record, retry.destination, 'unknown_destination', retry);
    return true;
  }
  const now = deps.now();
  if (Date.parse(retry.notBefore) > now.getTime()) {
    await scheduleRetry(deps, retry);
    return true;
  }
  const firstAt = new Date(retry.firstAt);
  const ageSeconds = (now.getTime() - firstAt.getTime()) / 1_000;
  return processDelivery(deps, { record, destination, attempt, firstAt }, async (delivery) => {
    if (isTooOld(deps.schedule, ageSeconds)) {
      return { result: { kind: 'too_old', lastFailure }, rows: [] };
    }
    if (hasExpiredSinceReceived(record, now)) {
      return { result: { kind: 'voucher_expired', lastFailure }, rows: [] };
    }
    return makeDelivery(delivery);
  });
}

/** Processes one delivery. If its follow-up fails, the record's other deliveries go on. */
async function processDelivery(
  deps: ProcessDeps,
  delivery: Delivery,
  makeDelivery: MakeDelivery,
): Promise<boolean> {
  const startedAt = deps.now();
  try {
    return await followUp(deps, delivery, await makeDelivery(delivery), startedAt);
  } catch (error) {
    deps.telemetry.error({
      code: 'follow_up_failed',
      id: delivery.record.id,
      destination: delivery.destination.name,
      cause: errorName(error),
    });
    return false;
  }
}

/** Sends a dead letter for a delivery that no destination is there for. */
async function sendUnattempted(
  { sendDeadLetter, now }: ProcessDeps,
  record: RelayRecord,
  destination: string | null,
  reason: DeadLetterReason,
  retry?: RetryMessage,
): Promise<void> {
  const lastAt = now().toISOString();
  await sendDeadLetter({
    record,
    destination,
    reason,
    lastFailure: retry?.lastFailure ?? null,
    detail: null,
    attempts: retry === undefined ? 0 : retry.attempt - 1,
    firstAt: retry?.firstAt ?? lastAt,
    lastAt: retry?.lastAt ?? lastAt,
    responseBody: null,
  });
}
