import type { DeadLetter } from '../../lib/fan-out/queue-messages.ts';
import {
  type Destination,
  type DestinationOptions,
  withDefaults,
} from '../../lib/destinations/destination.ts';
import { delivered, type DeliveryOutcome } from '../../lib/destinations/outcome.ts';
import { createFanOut, type FanOutDeps } from '../../lib/fan-out/fan-out.ts';
import type { DeliveriesTable } from '../../lib/deliveries/deliveries-table.ts';
import type { RowKey, RowState } from '../../lib/deliveries/row.ts';
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

/** A deliveries table in memory, with the given functions instead of its own. */
export function inMemoryDeliveries(
  changes: Partial<DeliveriesTable> = {},
  now: () => Date = () => NOW,
): DeliveriesTable {
  const rows = new Map<string, { state: RowState; token: string; heldUntilMs: number }>();
  const toName = ({ id, destination }: RowKey): string => `${id} ${destination}`;
  return {
    async take(key, holder) {
      const row = rows.get(toName(key));
      if (row?.state === 'delivered') return { kind: 'duplicate' };
      const nowMs = now().getTime();
      const isHeld = row?.state === 'in_progress' && row.heldUntilMs >= nowMs;
      if (isHeld && row.token !== holder.token) return { kind: 'in_progress' };
      const heldUntilMs = nowMs + holder.remainingMs();
      rows.set(toName(key), { state: 'in_progress', token: holder.token, heldUntilMs });
      return { kind: 'taken', row: { key, holder } };
    },
    async finish({ key, holder }, { state }) {
      const row = rows.get(toName(key));
      if (row?.token === holder.token) rows.set(toName(key), { state, token: '', heldUntilMs: 0 });
      return { kind: 'finished' };
    },
    ...changes,
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
    deliveries: inMemoryDeliveries({}, () => clock.now),
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
