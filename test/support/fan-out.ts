import { vi } from 'vitest';
import type { RoutedRecord } from '../../lib/deliveries/index-rows.ts';
import {
  type DeliverMany,
  type Destination,
  type DestinationOptions,
  withDefaults,
} from '../../lib/destinations/destination.ts';
import { delivered, type DeliveryOutcome } from '../../lib/destinations/outcome.ts';
import { createFanOut, type FanOutDeps } from '../../lib/fan-out/fan-out.ts';
import {
  type DeadLetter,
  type DeliveryMessage,
  DeliveryMessageSchema,
} from '../../lib/fan-out/queue-messages.ts';
import type { FanOutQueues, SendResult } from '../../lib/fan-out/queues.ts';
import { RETRY_SCHEDULE } from '../../lib/fan-out/retry-schedule.ts';
import type { RelayRecord } from '../../lib/record/record.ts';
import * as v from 'valibot';
import { inMemoryDeliveries } from './in-memory-deliveries.ts';
import { aBatchOf, aContext, type BatchOptions } from './lambda.ts';
import { recordingTelemetry } from './recording-telemetry.ts';

/** The time at which these tests begin. */
export const NOW = new Date('2026-03-05T10:00:00.000Z');

/** The first part of the ARN of a destination's queue in these tests. */
const DESTINATION_QUEUE_ARN = 'arn:aws:sqs:eu-west-1:000000000000:voucher-relay-test-to-';
const FUNCTION_TIMEOUT_MS = 60_000;

/** A destination with scripted outcomes that records what it received. */
export interface ScriptedDestination extends Destination {
  readonly received: RelayRecord[];
  /** When it received each, in milliseconds since NOW. */
  readonly receivedAfterMs: number[];
}

/**
 * A destination for tests.
 * @param outcomeFor the outcome of the n-th attempt, from 0; delivered by default
 */
export function aDestination(
  options: DestinationOptions & { readonly onNoResponse?: 'retry' | 'dead-letter' },
  outcomeFor: (n: number, record: RelayRecord) => DeliveryOutcome | Promise<DeliveryOutcome> = () =>
    delivered(204),
): ScriptedDestination {
  const received: RelayRecord[] = [];
  const receivedAfterMs: number[] = [];
  return {
    ...withDefaults(options),
    onNoResponse: options.onNoResponse ?? 'retry',
    received,
    receivedAfterMs,
    async deliver(record) {
      received.push(record);
      receivedAfterMs.push(Date.now() - NOW.getTime());
      return outcomeFor(received.length - 1, record);
    },
  };
}

/**
 * A destination for tests that takes many records in one request, and records the requests.
 * @param respond the outcome of the n-th request, from 0; or one for each of its records
 */
export function aBatchDestination(
  {
    size,
    onNoResponse = 'retry',
    ...options
  }: DestinationOptions & {
    readonly size: number;
    readonly onNoResponse?: 'retry' | 'dead-letter';
  },
  respond: (
    records: readonly RelayRecord[],
    n: number,
  ) => Promise<DeliveryOutcome | readonly DeliveryOutcome[]>,
) {
  const requests: { readonly ids: readonly string[]; readonly afterMs: number }[] = [];
  const deliverMany: DeliverMany = async (records) => {
    const ids = records.map(({ id }) => id);
    const n = requests.push({ ids, afterMs: Date.now() - NOW.getTime() }) - 1;
    const result = await respond(records, n);
    if ('kind' in result) return { request: result, records: records.map(() => null) };
    const tookNone = result.every(({ kind }) => kind === 'retry');
    return { request: (tookNone && result[0]) || delivered(200), records: result };
  };
  const destination: Destination = {
    ...withDefaults({ ...options, batch: { size, windowSeconds: 1 } }),
    onNoResponse,
    deliver: async (record, context) => (await deliverMany([record], context)).request,
    deliverMany,
  };
  return { ...destination, requests };
}

/** A wait by the timers of vitest; it rejects when the signal aborts, as that of node:timers/promises. */
export function wait(ms: number, signal?: AbortSignal): Promise<void> {
  return new Promise((resolve, reject) => {
    const timer = setTimeout(resolve, ms);
    signal?.addEventListener('abort', () => {
      clearTimeout(timer);
      reject(new Error('The wait was ended'));
    });
  });
}

/** Moves the clock of vitest on until a promise is settled: minutes pass in an instant. */
export async function settle<Value>(promise: Promise<Value>): Promise<Value> {
  const state = { isPending: true };
  const settled = Promise.allSettled([promise]);
  void settled.then(() => (state.isPending = false));
  // a test with real timers waits for real
  if (!vi.isFakeTimers()) return promise;
  // a result that needs no timer is there after some microtasks
  await vi.advanceTimersByTimeAsync(0);
  while (state.isPending) await vi.advanceTimersToNextTimerAsync();
  return promise;
}

/** A message that the handler put on the queue of a destination. */
export interface QueuedDelivery {
  readonly queue: string;
  readonly groupId: string;
  readonly message: DeliveryMessage;
}

/**
 * A fanOut whose queues and telemetry record what they are given. After `vi.useFakeTimers({ now: NOW })`
 * it runs on the clock of vitest, where minutes pass in an instant.
 */
export function createTestFanOut(
  destinations: readonly Destination[],
  {
    queues: queueChanges = {},
    ...changes
  }: Omit<Partial<FanOutDeps>, 'queues'> & { readonly queues?: Partial<FanOutQueues> } = {},
) {
  const queued: QueuedDelivery[] = [];
  const hidden: { readonly queue: string; readonly handle: string; readonly seconds: number }[] =
    [];
  const deadLetters: DeadLetter[] = [];
  const indexed: RoutedRecord[] = [];
  const telemetry = recordingTelemetry();
  const deliveries = inMemoryDeliveries();
  const queues: FanOutQueues = {
    async sendDeliveries(queue, sent) {
      for (const { body, groupId } of sent) {
        queued.push({ queue, groupId, message: v.parse(DeliveryMessageSchema, JSON.parse(body)) });
      }
      return sent.map((): SendResult => ({ kind: 'stored' }));
    },
    async hide(queue, messages) {
      for (const { receiptHandle: handle, seconds } of messages) {
        hidden.push({ queue: queue ?? 'records', handle, seconds });
      }
    },
    sendDeadLetter: async (deadLetter) => void deadLetters.push(deadLetter),
    toDestinationId: (arn) =>
      arn.startsWith(DESTINATION_QUEUE_ARN) ? arn.slice(DESTINATION_QUEUE_ARN.length) : null,
    ...queueChanges,
  };
  const handler = createFanOut({
    destinations,
    queues,
    deliveries,
    index: {
      async write(records) {
        indexed.push(...records);
        return { kind: 'stored' };
      },
    },
    schedule: RETRY_SCHEDULE,
    telemetry,
    now: () => new Date(),
    random: () => 0.5,
    wait,
    ...changes,
  });
  const invoke = async (
    options: BatchOptions,
    bodies: readonly unknown[],
    timeoutMs = FUNCTION_TIMEOUT_MS,
  ): Promise<string[]> => {
    const endsAtMs = Date.now() + timeoutMs;
    const event = aBatchOf({ sentAt: new Date(), ...options }, ...bodies);
    const { batchItemFailures } = await settle(
      handler(
        event,
        aContext(() => endsAtMs - Date.now()),
      ),
    );
    return batchItemFailures.map(({ itemIdentifier }) => itemIdentifier);
  };
  return {
    handler,
    queued,
    hidden,
    deadLetters,
    indexed,
    telemetry,
    deliveries,
    /** Routes a batch of [records]; returns the ids of the messages that stay on the queue. */
    route: (...bodies: readonly unknown[]) => invoke({}, bodies),
    /** Routes a batch with more about its messages and the time of the function. */
    routeWith: (
      options: Omit<BatchOptions, 'queueArn'> & { readonly timeoutMs?: number },
      ...bodies: readonly unknown[]
    ) => invoke(options, bodies, options.timeoutMs),
    /** Delivers a batch of the queue of a destination; returns the ids of the messages that stay. */
    deliver: (queue: string, ...bodies: readonly unknown[]) =>
      invoke({ queueArn: DESTINATION_QUEUE_ARN + queue }, bodies),
    /** Delivers a batch with more about its messages and the time of the function. */
    deliverWith: (
      queue: string,
      options: Omit<BatchOptions, 'queueArn'> & { readonly timeoutMs?: number },
      ...bodies: readonly unknown[]
    ) => invoke({ ...options, queueArn: DESTINATION_QUEUE_ARN + queue }, bodies, options.timeoutMs),
    /** Moves the clock on. */
    advance: (seconds: number) => vi.advanceTimersByTimeAsync(seconds * 1_000),
  };
}

/** A message of the queue of a destination. */
export function aDelivery(
  record: RelayRecord,
  destination: string,
  changes: Partial<DeliveryMessage> = {},
): DeliveryMessage {
  return {
    record,
    destination,
    requestedAt: new Date().toISOString(),
    ...changes,
  };
}
