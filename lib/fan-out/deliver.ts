import pLimit, { type LimitFunction } from 'p-limit';
import { type DeliveryOutcome, rejected, TIMEOUT } from '../destinations/outcome.ts';
import { errorName } from '../error-name.ts';
import {
  type CircuitBreaker,
  createCircuitBreaker,
  type TransientFailure,
} from './circuit-breaker.ts';
import type { FollowUpDeps } from './follow-up.ts';
import type { Delivery } from './delivery.ts';
import { type RunOnce, toBusinessKey, toDeliveryKey } from './idempotency.ts';
import type { DeliveryResult } from './result.ts';

/** What an invocation gives to its deliveries. */
export interface InvocationLimits {
  readonly runOnce: RunOnce;
  /** How long the function may still run. */
  readonly remainingMs: () => number;
}

/** Makes one attempt at a delivery, unless something speaks against it. */
export type Deliverer = (
  delivery: Delivery,
  invocation: InvocationLimits,
) => Promise<DeliveryResult>;

/** For the ledger's note, the retry or the dead letter after an attempt. */
const FOLLOW_UP_RESERVE_MS = 2_000;

/** A destination's own way: its room and its breaker, so that its trouble stays its own. */
interface DestinationState {
  readonly limit: LimitFunction;
  readonly breaker: CircuitBreaker;
}

/** What a courier needs from outside. */
export type DelivererDeps = Pick<FollowUpDeps, 'telemetry' | 'now' | 'random' | 'schedule'>;

/**
 * A courier for all destinations. It remembers, for its execution environment, which are failing, and
 * tells the journal when it begins to spare one.
 */
export function createDeliverer({ telemetry, now, random, schedule }: DelivererDeps): Deliverer {
  const states = new Map<string, DestinationState>();
  const getState = ({ name, concurrency }: Delivery['destination']): DestinationState => {
    const state = states.get(name) ?? {
      limit: pLimit(concurrency),
      breaker: createCircuitBreaker(schedule.circuitOpenSeconds * 1_000, random),
    };
    states.set(name, state);
    return state;
  };

  return async (delivery, { runOnce, remainingMs }) => {
    const { record, destination } = delivery;
    const { limit, breaker } = getState(destination);
    const hasTime = (): boolean => remainingMs() >= destination.timeoutMs + FOLLOW_UP_RESERVE_MS;

    let wasAttempted = false;
    const attemptDelivery = async (): Promise<DeliveryResult> => {
      if (!hasTime()) return { kind: 'no_time_left' };
      wasAttempted = true;
      const outcome = await deliverWithTimeout(delivery, now());
      const failure = toTransientFailure(outcome);
      if (breaker.recordResult(failure, now())) {
        const { name } = destination;
        const code = 'circuit_opened';
        telemetry.error({ code, id: record.id, destination: name, reason: failure?.reason });
      }
      return outcome;
    };
    const deliverOnce = async (): Promise<DeliveryResult> => {
      if (record.data.test) return attemptDelivery();
      const businessKey = getBusinessKey(delivery);
      if (typeof businessKey === 'object' && businessKey !== null) return businessKey;
      return runOnce(toDeliveryKey(record.id, destination.name), async () =>
        businessKey === null
          ? attemptDelivery()
          : runOnce(toBusinessKey(businessKey, destination.name), attemptDelivery),
      );
    };

    return limit(async () => {
      // asked before the claim too, which would cost two calls for nothing
      if (!hasTime()) return { kind: 'no_time_left' };
      const permit = breaker.tryAcquire(now());
      if (!permit.isAllowed) {
        const { reason, openForMs } = permit;
        return { kind: 'held_back', reason: reason, openForSeconds: openForMs / 1_000 };
      }
      try {
        return await deliverOnce();
      } finally {
        if (!wasAttempted) permit.release();
      }
    });
  };
}

function toTransientFailure(outcome: DeliveryOutcome): TransientFailure | null {
  if (outcome.kind !== 'retry') return null;
  return { reason: outcome.reason, isTimeout: outcome.reason === TIMEOUT };
}

async function deliverWithTimeout(
  { record, destination }: Delivery,
  now: Date,
): Promise<DeliveryOutcome> {
  // not AbortSignal.timeout, which would keep every delivery in memory until its limit
  const controller = new AbortController();
  const timer = setTimeout(() => controller.abort(), destination.timeoutMs);
  try {
    return await destination.deliver(record, { now, signal: controller.signal });
  } catch (error) {
    return rejected(`delivery_threw_${errorName(error)}`);
  } finally {
    clearTimeout(timer);
  }
}

function getBusinessKey({ record, destination }: Delivery): string | null | DeliveryOutcome {
  try {
    return destination.deduplicateBy(record);
  } catch (error) {
    return rejected(`deduplicate_by_threw_${errorName(error)}`);
  }
}
