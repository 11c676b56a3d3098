import type { SQSRecord } from 'aws-lambda';
import type { Destination } from '../destinations/destination.ts';
import { toQueueSettings } from '../destinations/queue-settings.ts';
import type { Retry } from '../destinations/outcome.ts';
import { errorName } from '../error-name.ts';
import { TABLE_DEADLINE_MS } from '../platform/aws-timeouts.ts';
import { hasExpiredSinceReceived } from '../record/usability.ts';
import { attemptDelivery, TIMEOUT_GRACE_MS, type Wait } from './attempt.ts';
import { type CircuitBreaker, createCircuitBreaker } from './circuit-breaker.ts';
import type { Delivery, DeliveryResult, HeldRows } from './delivery.ts';
import {
  followUp,
  type FollowUpDeps,
  releaseRows,
  type Settled,
  toFailureFields,
} from './follow-up.ts';
import { createPace, type Pace } from './pace.ts';
import { type Invocation, type Item, parseBatch } from './parse-batch.ts';
import type { FanOutQueues } from './queues.ts';
import { takeRows } from './take-rows.ts';
import { waitForTurn } from './wait-for-turn.ts';

/** The dependencies of `createDeliverBatch`. */
export interface DeliverDeps extends FollowUpDeps {
  readonly queues: Pick<FanOutQueues, 'hide'>;
  readonly wait: Wait;
}

/** Delivers a batch of the queue of one destination; returns the ids of the messages that stay on it. */
export type DeliverBatch = (
  destination: Destination,
  messages: readonly SQSRecord[],
  invocation: Invocation,
) => Promise<readonly string[]>;

/**
 * Reserved after an attempt: for the finishing write, on a table that is slow, and for hiding what stays.
 * A row that is taken and not finished makes its delivery a suspect.
 */
const FOLLOW_UP_RESERVE_MS = TABLE_DEADLINE_MS + 2_000;
/** Reserved for returning the result of the invocation. */
const END_RESERVE_MS = 300;
/** A delivery whose attempts ended the invocation so often is given up. */
const MAX_UNFINISHED_TRIES = 3;

/** What one execution environment knows of a destination. */
interface DestinationState {
  readonly breaker: CircuitBreaker;
  readonly pace: Pace;
}

/** An attempt that failed, and is settled when the batch shows whether the destination is down. */
interface FailedAttempt {
  readonly item: Item;
  readonly result: Retry;
  readonly held: HeldRows;
  readonly startedAt: Date;
  readonly endedAt: Date;
}

/**
 * Creates the function that delivers a batch. The pace and an open circuit wait here, inside the
 * invocation, so that the rest of the backlog waits on the queue. Only what cannot be attempted in this
 * invocation, or has failed itself, is hidden.
 */
export function createDeliverBatch(deps: DeliverDeps): DeliverBatch {
  const states = new Map<string, DestinationState>();
  const getState = ({ id, limit }: Destination): DestinationState => {
    const state = states.get(id) ?? {
      breaker: createCircuitBreaker(deps.schedule.circuitOpenSeconds * 1_000, deps.random),
      pace: createPace(toQueueSettings(limit).intervalMs, deps.random),
    };
    states.set(id, state);
    return state;
  };

  return async (destination, messages, invocation) => {
    const { breaker, pace } = getState(destination);
    const { simultaneous } = toQueueSettings(destination.limit);
    const running = new Set<Promise<unknown>>();
    const suspects: { readonly item: Item; readonly unfinishedTries: number }[] = [];
    /** What waits for its turn in this invocation. */
    const waiting: Item[] = [];
    const failed: FailedAttempt[] = [];
    const stayingIds = new Set(messages.map(({ messageId }) => messageId));
    const hidden: { readonly message: SQSRecord; readonly until: Date }[] = [];

    const settle = (message: SQSRecord, settled: Settled): void => {
      if (settled.kind === 'ack') stayingIds.delete(message.messageId);
      else hidden.push({ message, until: settled.until });
    };
    /** How long the next row can wait to be taken. */
    const timeLeftMs = (): number =>
      invocation.remainingMs() -
      TABLE_DEADLINE_MS -
      destination.timeoutMs -
      TIMEOUT_GRACE_MS -
      FOLLOW_UP_RESERVE_MS;
    const turns = { breaker, pace, running, simultaneous, timeLeftMs };

    const attempt = async (delivery: Delivery, isProbe: boolean): Promise<DeliveryResult> => {
      const { record } = delivery;
      const startedAt = deps.now();
      const outcome = await attemptDelivery(delivery, startedAt, deps.wait);
      const now = deps.now();
      const isRefused = outcome.kind === 'retry' && !outcome.countsAsAttempt;
      const retryAfterSeconds = outcome.kind === 'retry' ? outcome.retryAfterSeconds : null;
      if (isRefused || retryAfterSeconds !== null) {
        pace.refused(startedAt.getTime(), retryAfterSeconds, now.getTime());
      } else if (outcome.kind === 'delivered') pace.accepted();
      const { name } = destination;
      const result = toAttemptResult(outcome.kind, isRefused);
      deps.telemetry.attemptMade({ destination: name, result });
      if (!isRefused) {
        const failure = outcome.kind === 'retry' ? outcome : null;
        if (breaker.reportOutcome(record.id, failure, now) && failure !== null) {
          const ids = { id: record.id, destination: name };
          deps.telemetry.error({ code: 'circuit_opened', ...ids, ...toFailureFields(failure) });
        }
      }
      return { ...outcome, isProbe };
    };

    /** Takes the rows of a delivery, attempts it and settles its message. */
    const process = async (item: Item, isProbe: boolean, isAlone: boolean): Promise<void> => {
      const { message, delivery, holder, held } = item;
      const startedAt = deps.now();
      pace.take(startedAt.getTime());
      const taken =
        held === undefined
          ? await takeRows(deps.deliveries, delivery, holder, startedAt)
          : ({ kind: 'taken', held } as const);
      const settleWith = async (result: DeliveryResult): Promise<void> =>
        settle(message, await followUp(deps, delivery, result, taken.held, startedAt));
      if (taken.kind === 'not_taken') {
        pace.giveBack();
        return settleWith(taken.result);
      }
      const { unfinishedTries } = taken.held;
      if (unfinishedTries >= MAX_UNFINISHED_TRIES) {
        pace.giveBack();
        return settleWith({ kind: 'attempts_unfinished' });
      }
      if (unfinishedTries > 0 && !isAlone) {
        pace.giveBack();
        suspects.push({ item, unfinishedTries });
        // until its turn its row is free, so that only what is attempted counts
        return releaseRows(deps, delivery, taken.held, startedAt);
      }
      // what was reserved for taking the row is used up by now
      if (timeLeftMs() + TABLE_DEADLINE_MS < 0) {
        pace.giveBack();
        return settleWith({ kind: 'insufficient_time', until: deps.now() });
      }
      if (hasExpiredSinceReceived(delivery.record, startedAt)) {
        pace.giveBack();
        return settleWith({ kind: 'voucher_expired' });
      }
      const result = await attempt(delivery, isProbe);
      if (result.kind !== 'retry') return settleWith(result);
      const endedAt = deps.now();
      if (result.countsAsAttempt && !isProbe) {
        failed.push({ item, result, held: taken.held, startedAt, endedAt });
      } else if (!result.countsAsAttempt && pace.nextAtMs() - endedAt.getTime() < timeLeftMs()) {
        // "not now" waits here, as the rest of the batch does: hidden, it would come last of all
        waiting.push({ ...item, held: taken.held });
      } else await settleWith(result);
    };
    const reportError = (item: Item, error: unknown): void => {
      const { id } = item.delivery.record;
      const { name } = destination;
      const cause = errorName(error);
      deps.telemetry.error({ code: 'message_failed', id, destination: name, cause });
    };
    const processSafely = (item: Item, isProbe: boolean, isAlone: boolean): Promise<void> =>
      process(item, isProbe, isAlone).catch((error: unknown) => reportError(item, error));

    /**
     * Settles the attempts that failed. When the circuit is open by now, they have found out about the
     * destination, as a probe does: a delivery that happened to be among the first of an outage must not
     * use up its attempts and then wait for hours after it. Else their waits count from their ends.
     */
    const settleFailed = async (): Promise<void> => {
      const isDown = breaker.state(deps.now()).kind !== 'closed';
      await Promise.all(
        failed.splice(0).map(async ({ item, result, held, startedAt, endedAt }) => {
          const judged = { ...result, isProbe: isDown };
          const asOf = isDown ? deps : { ...deps, now: () => endedAt };
          try {
            settle(item.message, await followUp(asOf, item.delivery, judged, held, startedAt));
          } catch (error) {
            reportError(item, error);
          }
        }),
      );
    };

    let isCircuitOpen = false;
    /** Processes deliveries one after the other as their turns come. */
    const processAll = async (items: readonly Item[], isAlone: boolean): Promise<void> => {
      waiting.push(...items);
      while (waiting.length > 0 || running.size > 0) {
        const item = waiting.shift();
        if (item === undefined) {
          // one of them may be refused, and then waits again
          await Promise.race(running);
          continue;
        }
        const turn = await waitForTurn(deps, turns);
        isCircuitOpen ||= turn.kind === 'circuit_open' || (turn.kind === 'attempt' && turn.isProbe);
        if (turn.kind !== 'attempt') {
          const { message, delivery, held = null } = item;
          settle(message, await followUp(deps, delivery, turn, held, deps.now()));
          continue;
        }
        const processing = processSafely(item, turn.isProbe, isAlone);
        running.add(processing);
        void processing.then(() => running.delete(processing));
        // a probe decides about the next one
        if (turn.isProbe || isAlone) await processing;
      }
      await settleFailed();
    };
    const hideAll = async (): Promise<void> => {
      const nowMs = deps.now().getTime();
      const entries = hidden.splice(0).map(({ message, until }) => ({
        receiptHandle: message.receiptHandle,
        seconds: Math.max(0, Math.ceil((until.getTime() - nowMs) / 1_000)),
      }));
      if (entries.length === 0) return;
      try {
        await deps.queues.hide(destination.id, entries);
      } catch (error) {
        const cause = errorName(error);
        deps.telemetry.error({ code: 'hide_failed', destination: destination.name, cause });
      }
    };

    const processBatch = async (): Promise<void> => {
      const items = await parseBatch(deps, destination, messages, invocation, settle);
      await processAll(items, false);
      const suspectItems = suspects
        .toSorted((one, other) => one.unfinishedTries - other.unfinishedTries)
        .map(({ item }) => toSuspect(item));
      if (suspectItems.length > 0) {
        // one of them may end this invocation: until then the others are settled
        await hideAll();
        await processAll(suspectItems, true);
      }
      await hideAll();
      deps.telemetry.batchDelivered({
        destination: destination.name,
        oldestAgeMs: Math.max(
          ...items.map(({ delivery }) => deps.now().getTime() - delivery.sentAt.getTime()),
          0,
        ),
        isCircuitOpen,
      });
      // the last interval too: the next invocation may begin at once, in another environment
      const restMs = Math.min(pace.nextAtMs() - deps.now().getTime(), timeLeftMs());
      const isClosed = breaker.state(deps.now()).kind === 'closed';
      if (restMs > 0 && isClosed) await deps.wait(Math.ceil(restMs));
    };
    const processed = new AbortController();
    // A timeout of the function would fail the whole batch, with what was delivered. What is not settled
    // by then stays on its queue.
    const end = deps.wait(Math.max(0, invocation.remainingMs() - END_RESERVE_MS), processed.signal);
    try {
      await Promise.race([processBatch(), end]);
    } finally {
      processed.abort();
    }
    return [...stayingIds];
  };
}

function toAttemptResult(
  kind: 'delivered' | 'retry' | 'rejected',
  isRefused: boolean,
): 'delivered' | 'failed' | 'refused' {
  if (kind === 'delivered') return 'delivered';
  return isRefused ? 'refused' : 'failed';
}

/**
 * A suspect is taken again, by a holder of its own: DynamoDB may carry out the release of its row late, and
 * that must not end the second hold.
 */
function toSuspect(item: Item): Item {
  const { holder } = item;
  return { ...item, holder: { ...holder, token: `${holder.token}#alone` } };
}
