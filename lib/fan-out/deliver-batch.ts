import type { SQSRecord } from 'aws-lambda';
import type { Destination, RequestOutcomes } from '../destinations/destination.ts';
import { toQueueSettings } from '../destinations/queue-settings.ts';
import type { DeliveryOutcome, Retry } from '../destinations/outcome.ts';
import { errorName } from '../error-name.ts';
import { TABLE_DEADLINE_MS } from '../platform/aws-timeouts.ts';
import { hasExpiredSinceReceived } from '../record/usability.ts';
import { attemptRequest, TIMEOUT_GRACE_MS, type Wait } from './attempt.ts';
import { type CircuitBreaker, createCircuitBreaker } from './circuit-breaker.ts';
import type { DeliveryResult } from './delivery.ts';
import {
  followUp,
  type FollowUpDeps,
  freeRows,
  type Settled,
  toFailureFields,
} from './follow-up.ts';
import { type Group, type HeldItem, regroup, computeShare, toSuspect } from './groups.ts';
import { mapLimited } from './map-limited.ts';
import { createPace, type Pace } from './pace.ts';
import { type Invocation, type Item, parseBatch } from './parse-batch.ts';
import type { FanOutQueues } from './queues.ts';
import { splitEvery } from '../split-every.ts';
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
/** How many calls to the table are made at once for the deliveries of one request: the SDK's connections. */
const MAX_TABLE_CALLS = 50;
/** What one of many calls to the table takes of the processor, with 512 MB and a reserve. */
const TABLE_CALL_MS = 2;
/** What one execution environment knows of a destination. */
interface DestinationState {
  readonly breaker: CircuitBreaker;
  readonly pace: Pace;
}

/** An attempt that failed, and is settled when the batch shows whether the destination is down. */
interface FailedAttempt {
  readonly item: HeldItem;
  readonly result: Retry;
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
  const getState = ({ id, limit, batch }: Destination): DestinationState => {
    const state = states.get(id) ?? {
      breaker: createCircuitBreaker(deps.schedule.circuitOpenSeconds * 1_000, deps.random),
      pace: createPace(toQueueSettings(limit, batch).intervalMs, deps.random),
    };
    states.set(id, state);
    return state;
  };

  return async (destination, messages, invocation) => {
    const { breaker, pace } = getState(destination);
    const { simultaneous } = toQueueSettings(destination.limit, destination.batch);
    const maxGroupSize = destination.deliverMany === undefined ? 1 : destination.batch.size;
    const running = new Set<Promise<unknown>>();
    const suspects: { readonly item: Item; readonly unfinishedTries: number }[] = [];
    /** What waits for its turn in this invocation. */
    const waiting: Group[] = [];
    const failed: FailedAttempt[] = [];
    const stayingIds = new Set(messages.map(({ messageId }) => messageId));
    const hidden: { readonly message: SQSRecord; readonly until: Date }[] = [];

    const settle = (message: SQSRecord, settled: Settled): void => {
      if (settled.kind === 'ack') stayingIds.delete(message.messageId);
      else hidden.push({ message, until: settled.until });
    };
    // the rows of a group are taken, and finished, with many calls
    const manyCallsMs = TABLE_CALL_MS * (Math.min(maxGroupSize, messages.length) - 1);
    const takeReserveMs = TABLE_DEADLINE_MS + manyCallsMs;
    /** How long the next group can wait for its rows to be taken. */
    const timeLeftMs = (): number =>
      invocation.remainingMs() -
      takeReserveMs -
      destination.timeoutMs -
      TIMEOUT_GRACE_MS -
      FOLLOW_UP_RESERVE_MS -
      manyCallsMs;
    const turns = { breaker, pace, running, simultaneous, timeLeftMs };

    const attempt = async (group: readonly HeldItem[]): Promise<RequestOutcomes> => {
      const records = group.map(({ delivery }) => delivery.record);
      const startedAt = deps.now();
      const outcomes = await attemptRequest(destination, records, startedAt, deps.wait);
      const now = deps.now();
      const { request } = outcomes;
      const isRefused = isNotNow(request);
      const retryAfterSeconds = request.kind === 'retry' ? request.retryAfterSeconds : null;
      if (isRefused || retryAfterSeconds !== null || outcomes.records.some(isNotNow)) {
        pace.refused(startedAt.getTime(), retryAfterSeconds, now.getTime());
      } else if (request.kind === 'delivered') pace.accepted();
      const { name } = destination;
      const result = toAttemptResult(request.kind, isRefused);
      deps.telemetry.attemptMade({ destination: name, result });
      if (!isRefused) {
        const failure = request.kind === 'retry' ? request : null;
        const id = records[0]?.id ?? '';
        if (breaker.reportOutcome(id, failure, now) && failure !== null) {
          const ids = { id, destination: name };
          deps.telemetry.error({ code: 'circuit_opened', ...ids, ...toFailureFields(failure) });
        }
      }
      return outcomes;
    };
    const reportError = (item: Item, error: unknown): void => {
      const { id } = item.delivery.record;
      const { name } = destination;
      const cause = errorName(error);
      deps.telemetry.error({ code: 'message_failed', id, destination: name, cause });
    };
    /** Carries out what follows from a result, and settles the message. */
    const follow = async (
      item: Item,
      result: DeliveryResult,
      startedAt: Date,
      asOf: FollowUpDeps = deps,
    ): Promise<void> => {
      const { message, delivery, held = null } = item;
      try {
        settle(message, await followUp(asOf, delivery, result, held, startedAt));
      } catch (error) {
        reportError(item, error);
      }
    };
    const followAll = async (
      items: readonly Item[],
      result: DeliveryResult,
      startedAt: Date,
    ): Promise<void> =>
      void (await mapLimited(MAX_TABLE_CALLS, items, (item) => follow(item, result, startedAt)));

    /** Takes the rows of a delivery; null when it is not attempted with its group, and settled. */
    const take = async (
      item: Item,
      startedAt: Date,
      isAlone: boolean,
    ): Promise<HeldItem | null> => {
      const { delivery, holder, held } = item;
      if (held !== undefined) return { ...item, held };
      try {
        const taken = await takeRows(deps.deliveries, delivery, holder, startedAt);
        if (taken.kind === 'not_taken') {
          const partlyHeld = taken.held === null ? item : { ...item, held: taken.held };
          await follow(partlyHeld, taken.result, startedAt);
          return null;
        }
        const heldItem = { ...item, held: taken.held };
        const { unfinishedTries } = taken.held;
        if (unfinishedTries >= MAX_UNFINISHED_TRIES) {
          await follow(heldItem, { kind: 'attempts_unfinished' }, startedAt);
          return null;
        }
        if (unfinishedTries === 0 || isAlone) return heldItem;
        suspects.push({ item, unfinishedTries });
        // until its turn its row is free, so that only what is attempted counts
        await freeRows(deps, delivery, taken.held, startedAt);
      } catch (error) {
        reportError(item, error);
      }
      return null;
    };
    /** Takes the rows of a group; returns those of its deliveries that are to be sent now. */
    const takeGroup = async (
      group: Group,
      startedAt: Date,
      isAlone: boolean,
    ): Promise<readonly HeldItem[]> => {
      const taken = await mapLimited(MAX_TABLE_CALLS, group, (item) =>
        take(item, startedAt, isAlone),
      );
      const held = taken.filter((item) => item !== null);
      // what was reserved for taking the rows is used up by now
      if (timeLeftMs() + takeReserveMs < 0) {
        await followAll(held, { kind: 'insufficient_time', until: deps.now() }, startedAt);
        return [];
      }
      const isExpired = ({ delivery }: HeldItem): boolean =>
        hasExpiredSinceReceived(delivery.record, startedAt);
      await followAll(held.filter(isExpired), { kind: 'voucher_expired' }, startedAt);
      const valid = held.filter((item) => !isExpired(item));
      const isTooMany = (item: HeldItem): boolean =>
        valid.length > computeShare(item.held.attempt, maxGroupSize);
      waiting.push(...regroup(valid.filter(isTooMany), maxGroupSize));
      return valid.filter((item) => !isTooMany(item));
    };

    /** Attempts a group with one request, and settles its messages. */
    const process = async (group: Group, isProbe: boolean, isAlone: boolean): Promise<void> => {
      const startedAt = deps.now();
      pace.take(startedAt.getTime());
      const sent = await takeGroup(group, startedAt, isAlone);
      if (sent.length === 0) return pace.giveBack();
      const { request, records } = await attempt(sent);
      const endedAt = deps.now();
      const isSplit =
        request.kind === 'rejected' && sent.filter((_, index) => !records[index]).length > 1;
      const split: HeldItem[] = [];
      const refused: HeldItem[] = [];
      const settled: { readonly item: HeldItem; readonly result: DeliveryResult }[] = [];
      for (const [index, item] of sent.entries()) {
        const own = records[index] ?? null;
        const result = { ...(own ?? request), isProbe };
        if (own === null && isSplit) split.push(item);
        else if (result.kind === 'retry' && result.countsAsAttempt && !isProbe) {
          failed.push({ item, result, startedAt, endedAt });
        } else if (isNotNow(result) && pace.nextAtMs() - endedAt.getTime() < timeLeftMs()) {
          // "not now" waits here, as the rest of the batch does: hidden, it would come last of all
          refused.push(item);
        } else settled.push({ item, result });
      }
      // halves come next, so that what is to blame is found before the time of the invocation is over
      waiting.unshift(...splitEvery(Math.ceil(split.length / 2), split));
      if (refused.length > 0) waiting.push(refused);
      await mapLimited(MAX_TABLE_CALLS, settled, ({ item, result }) =>
        follow(item, result, startedAt),
      );
    };

    /**
     * Settles the attempts that failed. When the circuit is open by now, they have found out about the
     * destination, as a probe does: a delivery that happened to be among the first of an outage must not
     * use up its attempts and then wait for hours after it. Else their waits count from their ends.
     */
    const settleFailed = async (): Promise<void> => {
      const isDown = breaker.state(deps.now()).kind !== 'closed';
      await mapLimited(
        MAX_TABLE_CALLS,
        failed.splice(0),
        ({ item, result, startedAt, endedAt }) => {
          const asOf = isDown ? deps : { ...deps, now: () => endedAt };
          return follow(item, { ...result, isProbe: isDown }, startedAt, asOf);
        },
      );
    };

    let isCircuitOpen = false;
    /** Processes deliveries, group after group, as their turns come. */
    const processAll = async (items: readonly Item[], isAlone: boolean): Promise<void> => {
      waiting.push(...splitEvery(isAlone ? 1 : maxGroupSize, items));
      while (waiting.length > 0 || running.size > 0) {
        const group = waiting.shift();
        if (group === undefined) {
          // some of them may be refused, and then wait again
          await Promise.race(running);
          continue;
        }
        const turn = await waitForTurn(deps, turns);
        isCircuitOpen ||= turn.kind === 'circuit_open' || (turn.kind === 'attempt' && turn.isProbe);
        if (turn.kind !== 'attempt') {
          await followAll(group, turn, deps.now());
          continue;
        }
        const processing = process(group, turn.isProbe, isAlone).catch((error: unknown) => {
          for (const item of group) reportError(item, error);
        });
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

/** Whether a destination only limits the rate: "not now". */
function isNotNow(outcome: DeliveryOutcome | null): boolean {
  return outcome?.kind === 'retry' && !outcome.countsAsAttempt;
}
