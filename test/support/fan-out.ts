import type { DeadLetter } from '../../lib/fan-out/dead-letter.ts';
import {
  type Destination,
  type DestinationOptions,
  withDefaults,
} from '../../lib/destinations/destination.ts';
import { delivered, type DeliveryOutcome } from '../../lib/destinations/outcome.ts';
import { createFanOut, type FanOutDeps } from '../../lib/fan-out/fan-out.ts';
import type { IdempotencyStore } from '../../lib/fan-out/idempotency.ts';
import type { RetryMessage } from '../../lib/fan-out/retry-message.ts';
import { RETRY_SCHEDULE } from '../../lib/fan-out/retry-schedule.ts';
import type { RelayRecord } from '../../lib/record/record.ts';
import { aBatch, aContext } from './lambda.ts';
import { recordingTelemetry } from './recording-telemetry.ts';

/** When these tests begin; the clock stands still unless a test advances it. */
export const NOW = new Date('2026-03-05T10:00:00.000Z');

/** A destination with scripted outcomes that stores the records it received. */
export interface ScriptedDestination extends Destination {
  readonly received: RelayRecord[];
}

/**
 * Creates a destination for tests.
 * @param outcomeFor returns the outcome of the n-th attempt, from 0; delivered by default
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

/** An idempotency store in memory that behaves like the one on DynamoDB. */
export function inMemoryIdempotencyStore(): IdempotencyStore {
  const keys = new Map<string, 'held' | 'completed'>();
  return () => async (key, deliver) => {
    const state = keys.get(key.key);
    if (state === 'completed') return { kind: 'duplicate' };
    if (state === 'held') return { kind: 'claimed_elsewhere' };
    keys.set(key.key, 'held');
    const result = await deliver();
    if (result.kind === 'delivered' || result.kind === 'duplicate') {
      keys.set(key.key, 'completed');
    } else {
      keys.delete(key.key);
    }
    return result;
  };
}

/** Creates a fanOut that stores what it sends and logs, and whose clock can be advanced. */
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
    /** Advances the clock. */
    advance: (seconds: number) => {
      clock.now = new Date(clock.now.getTime() + seconds * 1_000);
    },
    /** Handles a batch and returns the ids that were reported as failed. */
    handle: async (...bodies: readonly unknown[]): Promise<string[]> => {
      const { batchItemFailures } = await handler(aBatch(...bodies), aContext());
      return batchItemFailures.map(({ itemIdentifier }) => itemIdentifier);
    },
  };
}
