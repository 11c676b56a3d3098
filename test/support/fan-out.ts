import type { DeadLetter } from '../../lib/fan-out/dead-letter.ts';
import {
  type Destination,
  type DestinationRules,
  withDefaults,
} from '../../lib/destinations/destination.ts';
import { delivered, type Outcome } from '../../lib/destinations/outcome.ts';
import { createFanOut, type FanOutDeps } from '../../lib/fan-out/fan-out.ts';
import type { Ledger } from '../../lib/fan-out/idempotency.ts';
import type { RetryMessage } from '../../lib/fan-out/retry-message.ts';
import { RETRY_SCHEDULE } from '../../lib/fan-out/retry-schedule.ts';
import type { RelayRecord } from '../../lib/record/record.ts';
import { aBatch, aContext } from './lambda.ts';
import { recordingJournal } from './recording-telemetry.ts';

/** The time at which these tests begin; it stands still unless a test moves it. */
export const NOW = new Date('2026-03-05T10:00:00.000Z');

/** A destination that does as it is told, and remembers what it was given. */
export interface ScriptedDestination extends Destination {
  readonly got: RelayRecord[];
}

/**
 * A destination for tests.
 * @param script what becomes of the n-th attempt, from 0; delivered by default
 */
export function aDestination(
  rules: DestinationRules & { readonly whenUncertain?: 'retry' | 'dead-letter' },
  script: (n: number) => Outcome | Promise<Outcome> = () => delivered(204),
): ScriptedDestination {
  const got: RelayRecord[] = [];
  return {
    ...withDefaults(rules),
    whenUncertain: rules.whenUncertain ?? 'retry',
    got,
    async deliver(record) {
      got.push(record);
      return script(got.length - 1);
    },
  };
}

/** A ledger in memory, that holds a claim as Powertools does. */
export function ledgerInMemory(): Ledger {
  const claims = new Map<string, 'held' | 'completed'>();
  return () => async (claim, attempt) => {
    const state = claims.get(claim.key);
    if (state === 'completed') return { kind: 'duplicate' };
    if (state === 'held') return { kind: 'claimed_elsewhere' };
    claims.set(claim.key, 'held');
    const result = await attempt();
    if (result.kind === 'delivered' || result.kind === 'duplicate') {
      claims.set(claim.key, 'completed');
    } else {
      claims.delete(claim.key);
    }
    return result;
  };
}

/** A fanOut whose queues and journal remember what they were given, and whose time can be moved. */
export function fanOutTo(destinations: readonly Destination[], changes: Partial<FanOutDeps> = {}) {
  const retries: { retry: RetryMessage; delaySeconds: number }[] = [];
  const deadLetters: DeadLetter[] = [];
  const journal = recordingJournal();
  const clock = { now: NOW };
  const handler = createFanOut({
    destinations,
    ledger: ledgerInMemory(),
    sendRetry: async (retry, delaySeconds) => void retries.push({ retry, delaySeconds }),
    sendDeadLetter: async (letter) => void deadLetters.push(letter),
    schedule: RETRY_SCHEDULE,
    journal,
    now: () => clock.now,
    random: () => 0.5,
    ...changes,
  });
  return {
    handler,
    retries,
    deadLetters,
    journal,
    /** Lets the time go on. */
    later: (seconds: number) => {
      clock.now = new Date(clock.now.getTime() + seconds * 1_000);
    },
    /** Hands a batch over and returns the ids that were reported as failed. */
    take: async (...bodies: readonly unknown[]): Promise<string[]> => {
      const { batchItemFailures } = await handler(aBatch(...bodies), aContext());
      return batchItemFailures.map(({ itemIdentifier }) => itemIdentifier);
    },
  };
}
