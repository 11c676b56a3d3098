import type { DeadLetter } from '../../lib/fan-out/queue-messages.ts';
import {
  type Destination,
  type DestinationOptions,
  withDefaults,
} from '../../lib/destinations/destination.ts';
import { delivered, type DeliveryOutcome } from '../../lib/destinations/outcome.ts';
import { createFanOut, type FanOutDeps } from '../../lib/fan-out/fan-out.ts';
import type { IdempotencyStore } from '../../lib/deliveries/deliveries-table.ts';
import type { RetryMessage } from '../../lib/fan-out/queue-messages.ts';
import { RETRY_SCHEDULE } from '../../lib/fan-out/retry-schedule.ts';
import type { RelayRecord } from '../../lib/record/record.ts';
import { aBatch, aContext } from './lambda.ts';
import { recordingTelemetry } from './recording-telemetry.ts';

/** The time of these tests, unless a test moves the clock. */
export const NOW = new Date('2026-03-05T10:00:00.000Z');

/** A destination with scripted outcomes that records what it received. */
export interface ScriptedDestination extends Destination {
  readonly received: RelayRecord[];
}

/**
 * A destination for tests.
 * @param outcomeFor the outcome of the n-th attempt, from 0; delivered by default
 */
export function aDestination(
  options: DestinationOptions & { readonly onNoResponse?: 'retry' | 'dead-letter' },
  outcomeFor: (n: number) => DeliveryOutcome | Promise<DeliveryOutcome> = () => delivered(204),
): ScriptedDestination {
  const received: RelayRecord[] = [];
  return {
    ...withDefaults(options),
    onNoResponse: options.onNoResponse ?? 'retry',
    received,
    async deliver(record) {
      received.push(record);
      return outcomeFor(received.length - 1);
    },
  };
}

/** An idempotency store in memory. */
export function inMemoryIdempotencyStore(): IdempotencyStore {
  const keys = new Map<string, 'in_progress' | 'completed'>();
  return () => async (key, deliver) => {
    const state = keys.get(key.key);
    if (state === 'completed') return { kind: 'duplicate' };
    if (state === 'in_progress') return { kind: 'in_progress' };
    keys.set(key.key, 'in_progress');
    const result = await deliver();
    if (result.kind === 'delivered' || result.kind === 'duplicate') {
      keys.set(key.key, 'completed');
    } else {
      keys.delete(key.key);
    }
    return result;
  };
}

/** A fanOut whose queues and telemetry record what they are given, and whose clock can be moved. */
export function createTestFanOut(
  destinations: readonly Destination[],
  changes: Partial<FanOutDeps> = {},
) {
  const retries: { retry: RetryMessage; delaySeconds: number }[] = [];
  const deadLetters: DeadLetter[] = [];
  const telemetry = recordingTelemetry();
  const clock = { now: NOW };
  const handler = createFanOut({
    destinations,
    idempotencyStore: inMemoryIdempotencyStore(),
    sendRetry: async (retry, delaySeconds) => void retries.push({ retry, delaySeconds }),
    sendDeadLetter: async (deadLetter) => void deadLetters.push(deadLetter),
    schedule: RETRY_SCHEDULE,
    telemetry,
    now: () => clock.now,
    random: () => 0.5,
    ...changes,
  });
  return {
    handler,
    retries,
    deadLetters,
    telemetry,
    /** Moves the clock on. */
    advance: (seconds: number) => {
      clock.now = new Date(clock.now.getTime() + seconds * 1_000);
    },
    /** Handles a batch and returns the ids of the messages that were reported as failed. */
    handle: async (...bodies: readonly unknown[]): Promise<string[]> => {
      const { batchItemFailures } = await handler(aBatch(...bodies), aContext());
      return batchItemFailures.map(({ itemIdentifier }) => itemIdentifier);
    },
  };
}
