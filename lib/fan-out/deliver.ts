import { classOf, type Outcome, rejected, TIME_LIMIT } from '../destinations/outcome.ts';
import { type Breaker, createBreaker, type TemporaryFailure } from './circuit-breaker.ts';
import { deliveryClaim, onceClaim } from './claim.ts';
import type { ConclusionDeps } from './follow-up.ts';
import type { Delivery } from './delivery.ts';
import type { UnderClaim } from './idempotency.ts';
import type { Result } from './result.ts';
import { createSlots, type InSlot } from './slots.ts';

/** What an invocation gives to its deliveries. */
export interface Invocation {
  readonly underClaim: UnderClaim;
  /** How long the function may still run. */
  readonly remainingMs: () => number;
}

/** Makes one attempt at a delivery, unless something speaks against it. */
export type Courier = (delivery: Delivery, invocation: Invocation) => Promise<Result>;

/** For the ledger's note, the retry or the dead letter after an attempt. */
const AFTER_ATTEMPT_MS = 2_000;

/** A destination's own way: its room and its breaker, so that its trouble stays its own. */
interface Lane {
  readonly inSlot: InSlot;
  readonly breaker: Breaker;
}

/** What a courier needs from outside. */
export type CourierDeps = Pick<ConclusionDeps, 'journal' | 'now' | 'random' | 'schedule'>;

/**
 * A courier for all destinations. It remembers, for its execution environment, which are failing, and
 * tells the journal when it begins to spare one.
 */
export function createCourier({ journal, now, random, schedule }: CourierDeps): Courier {
  const lanes = new Map<string, Lane>();
  const laneOf = ({ name, concurrency }: Delivery['destination']): Lane => {
    const lane = lanes.get(name) ?? {
      inSlot: createSlots(concurrency),
      breaker: createBreaker(schedule.breakerPauseSeconds * 1_000, random),
    };
    lanes.set(name, lane);
    return lane;
  };

  return async (delivery, { underClaim, remainingMs }) => {
    const { record, destination } = delivery;
    const { inSlot, breaker } = laneOf(destination);
    const hasTime = (): boolean => remainingMs() >= destination.timeLimitMs + AFTER_ATTEMPT_MS;

    let tried = false;
    const attempt = async (): Promise<Result> => {
      if (!hasTime()) return { kind: 'no_time_left' };
      tried = true;
      const outcome = await deliver(delivery, now());
      const failure = temporaryFailure(outcome);
      if (breaker.note(failure, now())) {
        const { name } = destination;
        const what = 'breaker_opened';
        journal.trouble({ what, id: record.id, destination: name, reason: failure?.reason });
      }
      return outcome;
    };
    const claimed = async (): Promise<Result> => {
      if (record.data.test) return attempt();
      const businessKey = onceKeyOf(delivery);
      if (typeof businessKey === 'object' && businessKey !== null) return businessKey;
      return underClaim(deliveryClaim(record.id, destination.name), async () =>
        businessKey === null
          ? attempt()
          : underClaim(onceClaim(businessKey, destination.name), attempt),
      );
    };

    return inSlot(async () => {
      // asked before the claim too, which would cost two calls for nothing
      if (!hasTime()) return { kind: 'no_time_left' };
      const admission = breaker.admit(now());
      if (!admission.admitted) {
        const { because, ms } = admission;
        return { kind: 'held_back', because, forSeconds: ms / 1_000 };
      }
      try {
        return await claimed();
      } finally {
        if (!tried) admission.untried();
      }
    });
  };
}

function temporaryFailure(outcome: Outcome): TemporaryFailure | null {
  if (outcome.kind !== 'retry') return null;
  return { reason: outcome.reason, hung: outcome.reason === TIME_LIMIT };
}

async function deliver({ record, destination }: Delivery, at: Date): Promise<Outcome> {
  // not AbortSignal.timeout, which would keep every delivery in memory until its limit
  const limit = new AbortController();
  const timer = setTimeout(() => limit.abort(), destination.timeLimitMs);
  try {
    return await destination.deliver(record, { at, signal: limit.signal });
  } catch (error) {
    return rejected(`delivery_threw_${classOf(error)}`);
  } finally {
    clearTimeout(timer);
  }
}

function onceKeyOf({ record, destination }: Delivery): string | null | Outcome {
  try {
    return destination.once(record);
  } catch (error) {
    return rejected(`once_threw_${classOf(error)}`);
  }
}
