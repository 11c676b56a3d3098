import { vi } from 'vitest';
import type { Destination } from '../../lib/destinations/destination.ts';
import { delivered, type DeliveryOutcome } from '../../lib/destinations/outcome.ts';
import { type DeadLetter, type DeliveryMessage } from '../../lib/fan-out/queue-messages.ts';
import { aBatchDestination, aDestination, createTestFanOut } from './fan-out.ts';
import { inMemoryDeliveries } from './in-memory-deliveries.ts';
import { aBatchOf, aContext } from './lambda.ts';

const QUEUE_ARN = 'arn:aws:sqs:eu-west-1:000000000000:voucher-relay-test-to-crm';
const FUNCTION_TIMEOUT_MS = 60_000;
const VISIBILITY_MS = 360_000;
const BATCH_SIZE = 10;

/** What happens on an attempt: an outcome, or the invocation ends in the middle of it. */
export type Step = DeliveryOutcome | 'crash';

/** What happens on a request for many records. `took`: those that the receiver has all the same. */
export type ManyStep =
  | Step
  | readonly DeliveryOutcome[]
  | { readonly outcome: DeliveryOutcome; readonly took: readonly string[] };

/** A message on the simulated queue. */
interface StoredMessage {
  readonly body: DeliveryMessage;
  readonly sentAt: Date;
  visibleAtMs: number;
  receives: number;
}

/** The dependencies of `startSimulatedQueue`. */
export interface SimulatedQueueOptions {
  /** What the n-th attempt at a record comes to, from 0; delivered by default. */
  readonly attempt?: (recordId: string, n: number) => Step;
  /**
   * Creates crm for a new execution environment, in place of one with scripted outcomes. `crash` ends that
   * environment, and never resolves.
   */
  readonly createDestination?: (crash: () => Promise<never>) => Destination;
  /** With it, records share requests, up to `batchSize`: what the n-th request comes to, from 0. */
  readonly attemptMany?: (ids: readonly string[], n: number) => ManyStep;
  readonly batchSize?: number;
  /** Whether the invocation ends at this call to AWS, counted over all, from 0; and when. */
  readonly crashAt?: (call: number) => 'before' | 'after' | null;
  /** The most requests at once that crm takes; without it, as many as are in a batch. */
  readonly concurrency?: number;
}

/**
 * The queue of the destination crm with a fanOut on it, on the clock of vitest. An invocation can end at
 * any moment: what it does then is lost, its messages are shown again after the visibility timeout, and
 * the next one runs in a new environment.
 */
export function startSimulatedQueue({
  attempt = () => delivered(null),
  createDestination,
  attemptMany,
  batchSize = 1,
  crashAt = () => null,
  concurrency,
}: SimulatedQueueOptions) {
  const table = inMemoryDeliveries();
  const deadLetters: DeadLetter[] = [];
  const attempts: string[] = [];
  const deliveredIds: string[] = [];
  let messages: StoredMessage[] = [];
  let calls = 0;
  let requests = 0;
  let crashes = 0;
  let mostReceives = 0;

  /** A new execution environment. `crashed` resolves when it has ended for good. */
  const startEnvironment = () => {
    const { promise: crashed, resolve } = Promise.withResolvers<null>();
    let isAlive = true;
    const crash = async (): Promise<never> => {
      isAlive = false;
      resolve(null);
      return new Promise<never>(() => {});
    };
    const callAws = async <Result>(call: () => Promise<Result>): Promise<Result> => {
      if (!isAlive) return new Promise<never>(() => {});
      const when = crashAt(calls);
      calls += 1;
      if (when === 'before') return crash();
      const result = await call();
      return when === 'after' ? crash() : result;
    };
    const limit = concurrency === undefined ? {} : { concurrency };
    const crm = aDestination({ name: 'crm', limit }, async (_n, { id }) => {
      const step = attempt(id, attempts.filter((each) => each === id).length);
      attempts.push(id);
      if (step === 'crash') return crash();
      if (step.kind === 'delivered') deliveredIds.push(id);
      return step;
    });
    const crmOfMany = aBatchDestination(
      { name: 'crm', limit, size: batchSize },
      async (records) => {
        const ids = records.map(({ id }) => id);
        const step = attemptMany?.(ids, requests) ?? 'crash';
        requests += 1;
        attempts.push(...ids);
        if (step === 'crash') return crash();
        if ('took' in step) {
          deliveredIds.push(...step.took);
          return step.outcome;
        }
        const outcomeOf = (index: number) => ('kind' in step ? step : step[index]);
        deliveredIds.push(...ids.filter((_, index) => outcomeOf(index)?.kind === 'delivered'));
        return step;
      },
    );
    let handles: readonly StoredMessage[] = [];
    const scripted = attemptMany === undefined ? crm : crmOfMany;
    const fanOut = createTestFanOut([createDestination?.(crash) ?? scripted], {
      deliveries: {
        take: async (...args) => callAws(async () => table.take(...args)),
        finish: async (...args) => callAws(async () => table.finish(...args)),
        giveUp: async (...args) => callAws(async () => table.giveUp(...args)),
      },
      queues: {
        sendDeadLetter: async (letter) => callAws(async () => void deadLetters.push(letter)),
        hide: async (_queue, hidden) =>
          callAws(async () => {
            for (const { receiptHandle, seconds } of hidden) {
              const message = handles[Number(receiptHandle.slice('handle'.length))];
              if (message !== undefined) message.visibleAtMs = Date.now() + seconds * 1_000;
            }
          }),
      },
    });

    /** Handles these messages; returns those that are acknowledged, or null when it crashed. */
    const invoke = async (
      received: readonly StoredMessage[],
    ): Promise<readonly StoredMessage[] | null> => {
      handles = received;
      const endsAtMs = Date.now() + FUNCTION_TIMEOUT_MS;
      const event = aBatchOf({ queueArn: QUEUE_ARN }, ...received.map(({ body }) => body));
      for (const [index, { sentAt, receives }] of received.entries()) {
        const message = event.Records[index];
        if (message === undefined) continue;
        message.attributes.SentTimestamp = String(sentAt.getTime());
        message.attributes.ApproximateReceiveCount = String(receives);
      }
      const handled = fanOut.handler(
        event,
        aContext(() => endsAtMs - Date.now()),
      );
      const state = { isRunning: true };
      const end = Promise.race([handled, crashed]).finally(() => {
        state.isRunning = false;
      });
      await vi.advanceTimersByTimeAsync(0);
      while (state.isRunning) await vi.advanceTimersToNextTimerAsync();
      const result = await end;
      if (result === null) return null;
      const staying = new Set(result.batchItemFailures.map((each) => each.itemIdentifier));
      return received.filter((_, index) => !staying.has(`m${index}`));
    };
    return { invoke };
  };

  let environment = startEnvironment();
  return {
    table,
    deadLetters,
    /** The record ids of all attempts, in their order. */
    attempts,
    /** The record ids of the attempts that delivered. */
    deliveredIds,
    countCrashes: () => crashes,
    /** How often the message was received that was received most often. */
    mostReceives: () => mostReceives,
    /** Puts a delivery on the queue. */
    send(body: DeliveryMessage): void {
      messages.push({ body, sentAt: new Date(), visibleAtMs: Date.now(), receives: 0 });
    },
    /** Runs invocations until the queue is empty. Throws when that takes too many. */
    drain: async (maxInvocations = 500): Promise<void> => {
      for (let n = 0; messages.length > 0; n += 1) {
        if (n === maxInvocations) throw new Error('The queue does not become empty');
        const nextMs = Math.min(...messages.map(({ visibleAtMs }) => visibleAtMs));
        if (nextMs > Date.now()) vi.setSystemTime(nextMs);
        const received = messages
          .filter(({ visibleAtMs }) => visibleAtMs <= Date.now())
          .slice(0, BATCH_SIZE);
        for (const message of received) {
          message.visibleAtMs = Date.now() + VISIBILITY_MS;
          message.receives += 1;
          mostReceives = Math.max(mostReceives, message.receives);
        }
        const acknowledged = await environment.invoke(received);
        if (acknowledged === null) {
          crashes += 1;
          vi.clearAllTimers();
          environment = startEnvironment();
        } else {
          messages = messages.filter((message) => !acknowledged.includes(message));
        }
      }
    },
  };
}
