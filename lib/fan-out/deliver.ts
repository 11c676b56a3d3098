import pLimit, { type LimitFunction } from 'p-limit';
import { type DeliveryOutcome, rejected } from '../destinations/outcome.ts';
import { errorName } from '../error-name.ts';
import { type CircuitBreaker, createCircuitBreaker } from './circuit-breaker.ts';
import type { Delivery, DeliveryResult } from './delivery.ts';
import type { FollowUpDeps } from './follow-up.ts';
import { type RunOnce, toBusinessKey, toDeliveryKey } from './idempotency.ts';

/** What one invocation passes to its deliveries. */
export interface InvocationLimits {
  readonly runOnce: RunOnce;
  /** Milliseconds until Lambda ends the function. */
  readonly remainingMs: () => number;
}

/** Makes one attempt at a delivery, or returns why it makes none. */
export type Deliverer = (
  delivery: Delivery,
  invocation: InvocationLimits,
) => Promise<DeliveryResult>;

/** Reserved for what follows an attempt: the idempotency write, the retry or the dead letter. */
const FOLLOW_UP_RESERVE_MS = 2_000;

/** The state of one destination in this execution environment. */
interface DestinationState {
  readonly limit: LimitFunction;
  readonly breaker: CircuitBreaker;
}

/** The dependencies of `createDeliverer`. */
export type DelivererDeps = Pick<FollowUpDeps, 'telemetry' | 'now' | 'random' | 'schedule'>;

/**
 * Creates the function that makes deliveries. For each destination it keeps, as long as the execution
 * environment lives, how many deliveries are under way and a circuit breaker.
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
    const attempt = async (): Promise<DeliveryResult> => {
      if (!hasTime()) return { kind: 'insufficient_time' };
      wasAttempted = true;
      const outcome = await deliverWithTimeout(delivery, now());
      const failure = outcome.kind === 'retry' ? outcome.reason : null;
      if (breaker.record(failure, now()) && failure !== null) {
        const ids = { id: record.id, destination: destination.name };
        telemetry.error({ code: 'circuit_opened', ...ids, failure });
      }
      return outcome;
    };
    const attemptOnce = async (): Promise<DeliveryResult> => {
      if (record.data.test) return attempt();
      const businessKey = getBusinessKey(delivery);
      if (typeof businessKey === 'object' && businessKey !== null) return businessKey;
      return runOnce(toDeliveryKey(record.id, destination.name), async () =>
        businessKey === null
          ? attempt()
          : runOnce(toBusinessKey(businessKey, destination.name), attempt),
      );
    };

    return limit(async () => {
      // also checked before the idempotency key is acquired: that would be two calls for nothing
      if (!hasTime()) return { kind: 'insufficient_time' };
      const permit = breaker.tryAcquire(now());
      if (!permit.isAllowed) {
        const { failure: cause, openForMs } = permit;
        return { kind: 'circuit_open', cause, openForSeconds: openForMs / 1_000 };
      }
      try {
        return await attemptOnce();
      } finally {
        if (!wasAttempted) permit.release();
      }
    });
  };
}

async function deliverWithTimeout(
  { record, destination }: Delivery,
  now: Date,
): Promise<DeliveryOutcome> {
  // not AbortSignal.timeout, which keeps every delivery in memory until its timeout
  const controller = new AbortController();
  const timer = setTimeout(() => controller.abort(), destination.timeoutMs);
  try {
    return await destination.deliver(record, { now, signal: controller.signal });
  } catch (error) {
    return rejected('deliver_threw', { cause: errorName(error) });
  } finally {
    clearTimeout(timer);
  }
}

function getBusinessKey({ record, destination }: Delivery): string | null | DeliveryOutcome {
  try {
    return destination.deduplicateBy(record);
  } catch (error) {
    return rejected('deduplicate_by_threw', { cause: errorName(error) });
  }
}
