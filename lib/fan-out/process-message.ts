import type { SQSRecord } from 'aws-lambda';
import type { Destination } from '../destinations/destination.ts';
import { classOf, rejected } from '../destinations/outcome.ts';
import type { RelayRecord } from '../record/record.ts';
import { conclude, type ConclusionDeps, sendLater } from './follow-up.ts';
import type { Delivery } from './delivery.ts';
import { parseMessage } from './queue-messages.ts';
import { isOvertaken } from './overtaken.ts';
import type { Result } from './result.ts';
import type { RetryMessage } from './retry-message.ts';
import { routesOf } from './route.ts';
import { isTooOld } from './retry-schedule.ts';

/** What is needed to settle a message. */
export interface SettlementDeps extends ConclusionDeps {
  readonly destinations: readonly Destination[];
}

/** Makes one attempt at a delivery. */
type MakeAttempt = (delivery: Delivery) => Result | Promise<Result>;

/**
 * Does everything that one message asks for.
 * @returns whether the message may be forgotten: all of it was delivered, or is safe on another queue
 * @throws (rejects) like a message that may not be forgotten
 */
export async function settle(
  deps: SettlementDeps,
  { messageId, body }: Pick<SQSRecord, 'messageId' | 'body'>,
  attempt: MakeAttempt,
): Promise<boolean> {
  const message = parseMessage(body);
  switch (message.kind) {
    case 'record':
      return settleRecord(deps, message.record, attempt);
    case 'retry':
      return settleRetry(deps, message.retry, attempt);
    case 'unparsable': {
      const { problems } = message;
      const what = 'unparsable_message';
      deps.journal.trouble({ what, id: messageId, reason: problems.join('; ') });
      const lastAt = deps.now().toISOString();
      await deps.sendDeadLetter({ reason: 'unparsable', problems, body, lastAt });
      return true;
    }
  }
}

async function settleRecord(
  deps: SettlementDeps,
  record: RelayRecord,
  attempt: MakeAttempt,
): Promise<boolean> {
  const { accepting, throwing, unrouted } = routesOf(record, deps.destinations);
  const firstAt = deps.now();
  if (unrouted) {
    deps.journal.trouble({ what: 'unrouted', id: record.id });
    await buryUntried(deps, record, null, 'unrouted');
    return true;
  }
  // it may have lain in [records], or among the dead letters, for days
  const after = { reason: 'not tried in time', status: null };
  const inTime: MakeAttempt = (delivery) =>
    isOvertaken(record, firstAt) ? { kind: 'overtaken', after } : attempt(delivery);
  const first = (destination: Destination): Delivery => ({
    record,
    destination,
    attempt: 1,
    firstAt,
  });
  const settled = await Promise.all([
    ...accepting.map((destination) => settleDelivery(deps, first(destination), inTime)),
    ...throwing.map(({ destination, thrown }) =>
      settleDelivery(deps, first(destination), async () => rejected(`accepts_threw_${thrown}`)),
    ),
  ]);
  return settled.every(Boolean);
}

async function settleRetry(
  deps: SettlementDeps,
  retry: RetryMessage,
  attempt: MakeAttempt,
): Promise<boolean> {
  const { record, reason, status = null } = retry;
  const destination = deps.destinations.find(({ name }) => name === retry.destination);
  if (destination === undefined) {
    deps.journal.trouble({ what: 'unknown_destination', id: record.id });
    await buryUntried(deps, record, retry.destination, 'unknown_destination', retry);
    return true;
  }
  const now = deps.now();
  if (Date.parse(retry.notBefore) > now.getTime()) {
    await sendLater(deps, retry);
    return true;
  }
  const firstAt = new Date(retry.firstAt);
  const ageSeconds = (now.getTime() - firstAt.getTime()) / 1_000;
  return settleDelivery(
    deps,
    { record, destination, attempt: retry.attempt, firstAt },
    (delivery) => {
      const after = { reason, status };
      if (isTooOld(deps.schedule, ageSeconds)) return { kind: 'too_old', after };
      if (isOvertaken(record, now)) return { kind: 'overtaken', after };
      return attempt(delivery);
    },
  );
}

/** One delivery that cannot be followed up must not keep the others of its record from it. */
async function settleDelivery(
  deps: SettlementDeps,
  delivery: Delivery,
  attempt: MakeAttempt,
): Promise<boolean> {
  const startedAt = deps.now();
  try {
    return await conclude(deps, delivery, await attempt(delivery), startedAt);
  } catch (error) {
    deps.journal.trouble({
      what: 'delivery_not_settled',
      id: delivery.record.id,
      destination: delivery.destination.name,
      reason: classOf(error),
    });
    return false;
  }
}

async function buryUntried(
  { sendDeadLetter, now }: SettlementDeps,
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
    answer: null,
  });
}
