import pLimit, { type LimitFunction } from 'p-limit';
import { type DeliveryOutcome, rejected, retry } from '../destinations/outcome.ts';
import { requireSync } from '../destinations/require-sync.ts';
import { errorName } from '../error-name.ts';
import { type CircuitBreaker, createCircuitBreaker } from './circuit-breaker.ts';
import type { Delivery, DeliveryResult } from './delivery.ts';
import { type FollowUpDeps, toFailureFields } from './follow-up.ts';
import { type RunOnce, toBusinessKey, toDeliveryKey } from '../deliveries/deliveries-table.ts';

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

/** Reserved for what follows an attempt: the finishing write, the retry or the dead letter. */
const FOLLOW_UP_RESERVE_MS = 2_000;
/** How much later than its timeout an attempt ends that does not stop by itself. */
const TIMEOUT_GRACE_MS = 500;

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
      const outcome = await attemptWithTimeout(delivery, now());
      const failure = outcome.kind === 'retry' ? outcome : null;
      const hasOpened = breaker.reportOutcome(failure, now());
      if (hasOpened && failure !== null) {
        const ids = { id: record.id, destination: destination.name };
        telemetry.error({ code: 'circuit_opened', ...ids, ...toFailureFields(failure) });
      }
      return outcome;
    };
    const attemptOnce = async (): Promise<DeliveryResult> => {
      if (record.data.test) return attempt();
      const business = getBusinessKey(delivery);
      if (!business.ok) return business.outcome;
      const { key } = business;
      const deliveryKey = toDeliveryKey(record.id, destination.name, record.data.receivedAt);
      return runOnce(deliveryKey, async () =>
        key === null ? attempt() : runOnce(toBusinessKey(key, destination.name), attempt),
      );
    };

    return limit(async () => {
      // checked here too, so that no call acquires an idempotency key only to release it
      if (!hasTime()) return { kind: 'insufficient_time' };
      const permit = breaker.tryAcquire(now());
      if (!permit.isAllowed) {
        const { failure: openedBy, openForMs } = permit;
        return { kind: 'circuit_open', openedBy, openForSeconds: openForMs / 1_000 };
      }
      try {
        return await attemptOnce();
      } finally {
        if (!wasAttempted) permit.release();
      }
    });
  };
}

async function attemptWithTimeout(
  { record, destination }: Delivery,
  now: Date,
): Promise<DeliveryOutcome> {
  // not AbortSignal.timeout, which keeps every delivery in memory until its timeout
  const controller = new AbortController();
  const deadline = Promise.withResolvers<DeliveryOutcome>();
  let timer = setTimeout(() => {
    controller.abort();
    // an attempt that ignores its signal must not keep the invocation, and so the other deliveries
    timer = setTimeout(
      () => deadline.resolve(retry('timeout', { maybeDelivered: true })),
      TIMEOUT_GRACE_MS,
    );
  }, destination.timeoutMs);
  try {
    const attempt = destination.deliver(record, { now, signal: controller.signal });
    return await Promise.race([attempt, deadline.promise]);
  } catch (error) {
    return rejected('deliver_threw', { cause: errorName(error) });
  } finally {
    clearTimeout(timer);
  }
}

/** The business key of a delivery, null without one; or the outcome when `deduplicateBy` threw. */
type BusinessKey =
  | { readonly ok: true; readonly key: string | null }
  | { readonly ok: false; readonly outcome: DeliveryOutcome };

function getBusinessKey({ record, destination }: Delivery): BusinessKey {
  try {
    const key: unknown = requireSync(destination.deduplicateBy(record));
    // an empty key would make one record of all that have no value for it
    if (key === null || key === undefined || key === '') return { ok: true, key: null };
    if (typeof key !== 'string') throw new TypeError('A business key is not a text');
    return { ok: true, key };
  } catch (error) {
    return { ok: false, outcome: rejected('deduplicate_by_threw', { cause: errorName(error) }) };
  }
}
