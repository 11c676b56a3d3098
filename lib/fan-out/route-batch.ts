import type { SQSRecord } from 'aws-lambda';
import type { DeliveriesTable } from '../deliveries/deliveries.ts';
import type { DeliveryIndex } from '../deliveries/delivery-index.ts';
import type { RoutedRecord } from '../deliveries/index-rows.ts';
import type { Destination } from '../destinations/destination.ts';
import type { Failure } from '../destinations/outcome.ts';
import { errorName } from '../error-name.ts';
import { toGroupId } from '../record/group-id.ts';
import type { RelayRecord } from '../record/record.ts';
import { SEND_DEADLINE_MS } from '../platform/aws-timeouts.ts';
import { serializeMessage } from '../platform/sqs-message.ts';
import type { DeadLetterReason } from '../telemetry/reason-codes.ts';
import type { Telemetry } from '../telemetry/telemetry.ts';
import { giveUpRow } from './follow-up.ts';
import { giveUpInvalid } from './give-up-invalid.ts';
import type { Invocation } from './parse-batch.ts';
import { parseMessage } from './queue-messages.ts';
import type { FanOutQueues, OutgoingDelivery, SendResult } from './queues.ts';
import { planWaitSeconds } from './retry-schedule.ts';
import { routeRecord } from './route.ts';

/** The dependencies of `routeBatch`. */
export interface RouteDeps {
  readonly destinations: readonly Destination[];
  readonly queues: Pick<FanOutQueues, 'sendDeliveries' | 'sendDeadLetter' | 'hide'>;
  readonly deliveries: Pick<DeliveriesTable, 'giveUp'>;
  readonly index: DeliveryIndex;
  readonly telemetry: Telemetry;
  readonly now: () => Date;
  /** From 0 up to 1. */
  readonly random: () => number;
}

/** A record of the batch with its message. */
interface ReceivedRecord {
  readonly message: SQSRecord;
  readonly record: RelayRecord;
}

/** To route a record, on queues that are slow, to hide what stays, and to return. */
const MIN_ROUTING_MS = 4 * SEND_DEADLINE_MS;
/** From this receive on, a record is routed alone: with others it may have ended the invocation. */
const ALONE_FROM_RECEIVE = 3;

/**
 * Routes a batch of [records]: puts each record on the queue of every destination that accepts it, with
 * one request for up to ten records. A record is acknowledged when all of its deliveries are stored;
 * else it is routed again, which is harmless because deliveries are idempotent. Beside that it writes the
 * index rows of the records, and never fails because of them.
 * @returns the ids of the messages that cannot be acknowledged. They are hidden for some seconds, and the
 * longer the older they are: a customer waits for the code
 */
export async function routeBatch(
  deps: RouteDeps,
  messages: readonly SQSRecord[],
  { remainingMs }: Pick<Invocation, 'remainingMs'>,
): Promise<readonly string[]> {
  const isSuspect = ({ attributes }: SQSRecord): boolean =>
    Number(attributes.ApproximateReceiveCount) >= ALONE_FROM_RECEIVE;
  const failedIds = await routeTogether(
    deps,
    messages.filter((message) => !isSuspect(message)),
  );
  const staying = [...failedIds];
  for (const [index, message] of messages.filter(isSuspect).entries()) {
    // the first one always: else a function with a short timeout would route none
    const hasTime = index === 0 || remainingMs() > MIN_ROUTING_MS;
    staying.push(...(hasTime ? await routeTogether(deps, [message]) : [message.messageId]));
  }
  await hideStaying(
    deps,
    messages.filter(({ messageId }) => staying.includes(messageId)),
  );
  return staying;
}

/** Without this they would come back after the visibility timeout, six minutes later. */
async function hideStaying(
  { queues, telemetry, now, random }: RouteDeps,
  messages: readonly SQSRecord[],
): Promise<void> {
  if (messages.length === 0) return;
  try {
    await queues.hide(
      null,
      messages.map(({ receiptHandle, attributes }) => {
        const ageSeconds = (now().getTime() - Number(attributes.SentTimestamp)) / 1_000;
        return { receiptHandle, seconds: Math.ceil(planWaitSeconds(ageSeconds, 0, random())) };
      }),
    );
  } catch (error) {
    telemetry.error({ code: 'hide_failed', cause: errorName(error) });
  }
}

async function routeTogether(
  deps: RouteDeps,
  messages: readonly SQSRecord[],
): Promise<readonly string[]> {
  const failedIds = new Set<string>();
  const runSafely = async (message: SQSRecord, run: () => Promise<void>): Promise<void> => {
    try {
      await run();
    } catch (error) {
      const cause = errorName(error);
      deps.telemetry.error({ code: 'message_failed', id: message.messageId, cause });
      failedIds.add(message.messageId);
    }
  };

  const byDestination = new Map<Destination, ReceivedRecord[]>();
  const routedRecords: RoutedRecord[] = [];
  await Promise.all(
    messages.map((message) =>
      runSafely(message, async () => {
        const request = await parseReceived(deps, message);
        if (request === null) return;
        const { record, only } = request;
        const { matched, all } =
          only === null
            ? await findDestinations(deps, record)
            : await findDestination(deps, record, only);
        // the index rows that it has name all of its destinations; new ones would name only this one
        if (only === null) routedRecords.push({ record, destinations: all });
        for (const destination of matched) {
          const routed = byDestination.get(destination) ?? [];
          byDestination.set(destination, routed);
          routed.push({ message, record });
        }
      }),
    ),
  );

  const indexing = indexRecords(deps, routedRecords);
  await Promise.all(
    [...byDestination].map(async ([destination, routed]) => {
      const outgoing = routed.map((each) => toOutgoing(each, destination.id, deps.now()));
      const results = await deps.queues.sendDeliveries(destination.id, outgoing);
      await Promise.all(
        routed.map(({ message, record }, index) =>
          runSafely(message, () => settleSend(deps, destination, record, results[index])),
        ),
      );
    }),
  );
  await indexing;
  return [...failedIds];
}

/** Writes the index rows of records. What fails is reported, and the records are delivered all the same. */
async function indexRecords(
  { index, telemetry }: RouteDeps,
  records: readonly RoutedRecord[],
): Promise<void> {
  if (records.length === 0) return;
  const result = await index.write(records);
  if (result.kind === 'stored') return;
  for (const { record } of records) {
    telemetry.error({ code: 'index_write_failed', id: record.id, cause: result.cause });
  }
}

/** What a message of [records] asks for. */
interface RouteRequest {
  readonly record: RelayRecord;
  /** The id of the only destination that is meant; null for every one that accepts the record. */
  readonly only: string | null;
}

/**
 * Parses a message of [records]; null for one that holds no record, which becomes a dead letter. A delivery
 * or a dead letter that somebody moved here by hand goes to its destination, if it has one, and to no other.
 */
async function parseReceived(deps: RouteDeps, received: SQSRecord): Promise<RouteRequest | null> {
  const message = parseMessage(received.body);
  switch (message.kind) {
    case 'record':
      return { record: message.record, only: null };
    case 'delivery':
      return { record: message.delivery.record, only: message.delivery.destination };
    case 'dead_letter':
      return { record: message.record, only: message.destination };
    case 'invalid': {
      const senders = { ...deps, sendDeadLetter: deps.queues.sendDeadLetter };
      await giveUpInvalid(senders, received, message.issues);
      return null;
    }
  }
}

/** Where a record goes. */
interface Found {
  readonly matched: readonly Destination[];
  /** The ids of these, and of the destinations for which the record has been given up. */
  readonly all: readonly string[];
}

/** Finds where a record goes. What goes nowhere although a customer waits for it becomes a dead letter. */
async function findDestinations(deps: RouteDeps, record: RelayRecord): Promise<Found> {
  const { matched, failed, unrouted } = routeRecord(record, deps.destinations);
  if (unrouted) {
    deps.telemetry.error({ code: 'unrouted', id: record.id });
    await sendDeadLetter(deps, record, null, 'unrouted', null);
  }
  await Promise.all(
    failed.map(({ destination, cause }) =>
      giveUp(deps, record, destination, 'rejected', {
        reason: 'accepts_threw',
        cause,
        status: null,
      }),
    ),
  );
  const routed = [...matched, ...failed.map(({ destination }) => destination)];
  return { matched, all: routed.map(({ id }) => id) };
}

/** Finds the one destination of a delivery that was moved by hand. One that is not declared gives it up. */
async function findDestination(deps: RouteDeps, record: RelayRecord, id: string): Promise<Found> {
  const destination = deps.destinations.find((each) => each.id === id);
  if (destination !== undefined) return { matched: [destination], all: [id] };
  deps.telemetry.error({ code: 'unknown_destination', id: record.id });
  await sendDeadLetter(deps, record, id, 'unknown_destination', null);
  const lastFailure = { reason: 'not_attempted', cause: null, status: null } as const;
  const end = { reason: 'unknown_destination', lastFailure } as const;
  await giveUpRow(deps, record, { id, name: id }, end);
  return { matched: [], all: [id] };
}

/**
 * Creates the message of a delivery. It is requested when its record was put on [records]: one that is
 * routed again requests nothing new, and what was given up meanwhile is not attempted again.
 */
function toOutgoing(
  { message: received, record }: ReceivedRecord,
  destination: string,
  now: Date,
): OutgoingDelivery {
  const sentAt = new Date(Number(received.attributes.SentTimestamp));
  // an event for `sls invoke local` that was written by hand may have no time
  const requestedAt = (Number.isNaN(sentAt.getTime()) ? now : sentAt).toISOString();
  const message = { destination, record, requestedAt };
  return { body: serializeMessage(message), groupId: toGroupId(record) };
}

/** @throws (rejects) when the delivery is not stored and has to be routed again */
async function settleSend(
  deps: RouteDeps,
  destination: Destination,
  record: RelayRecord,
  result: SendResult = { kind: 'failed', cause: 'NoResult' },
): Promise<void> {
  switch (result.kind) {
    case 'stored':
      return;
    case 'no_queue': {
      const ids = { id: record.id, destination: destination.name };
      deps.telemetry.error({ code: 'queue_unavailable', ...ids, cause: result.cause });
      return giveUp(deps, record, destination, 'queue_unavailable', {
        reason: 'not_attempted',
        cause: result.cause,
        status: null,
      });
    }
    case 'failed':
      throw new RoutingError(result.cause);
  }
}

/** SQS has not stored a delivery. The name is SQS's own code. */
class RoutingError extends Error {
  override readonly name: string;
  constructor(code: string) {
    super('SQS has not stored a delivery');
    this.name = code;
  }
}

/** Gives up one delivery of a record that cannot be put on its queue; the others go on. */
async function giveUp(
  deps: RouteDeps,
  record: RelayRecord,
  destination: Destination,
  reason: DeadLetterReason,
  failure: Failure,
): Promise<void> {
  deps.telemetry.deliveryProcessed({
    id: record.id,
    event: record.type,
    destination: destination.name,
    status: 'dead',
    ms: 0,
    reason,
    failure: failure.reason,
    cause: failure.cause ?? undefined,
  });
  await sendDeadLetter(deps, record, destination.id, reason, failure);
  await giveUpRow(deps, record, destination, { reason, lastFailure: failure });
}

async function sendDeadLetter(
  { queues, now }: RouteDeps,
  record: RelayRecord,
  destination: string | null,
  reason: DeadLetterReason,
  lastFailure: Failure | null,
): Promise<void> {
  const at = now().toISOString();
  await queues.sendDeadLetter({
    record,
    destination,
    reason,
    lastFailure,
    detail: null,
    attempts: 0,
    firstAt: at,
    lastAt: at,
    responseBody: null,
  });
}
