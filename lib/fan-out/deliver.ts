import pLimit, { type LimitFunction } from 'p-limit';
import { type DeliveryOutcome, rejected, retry } from '../destinations/outcome.ts';
import { requireSync } from '../destinations/require-sync.ts';
import { errorName } from '../error-name.ts';
import { type CircuitBreaker, createCircuitBreaker } from './circuit-breaker.ts';
import type { Holder } from '../deliveries/deliveries-table.ts';
import { toBusinessKey, toDeliveryKey } from '../deliveries/row.ts';
import type { Delivery, DeliveryResult, ProcessedDelivery } from './delivery.ts';
import { type FollowUpDeps, toFailureFields } from './follow-up.ts';

/** Makes one attempt at a delivery, or returns why it makes none. The caller finishes its rows. */
export type Deliverer = (delivery: Delivery, holder: Holder) => Promise<ProcessedDelivery>;

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
export type DelivererDeps = Pick<
  FollowUpDeps,
  'deliveries' | 'telemetry' | 'now' | 'random' | 'schedule'
>;

/**
 * Creates the function that makes deliveries. For each destination it keeps, as long as the execution
 * environment lives, how many deliveries are under way and a circuit breaker.
 */
export function createDeliverer(deps: DelivererDeps): Deliverer {
  const { deliveries, telemetry, now, random, schedule } = deps;
  const states = new Map<string, DestinationState>();
  const getState = ({ name, concurrency }: Delivery['destination']): DestinationState => {
    const state = states.get(name) ?? {
      limit: pLimit(concurrency),
      breaker: createCircuitBreaker(schedule.circuitOpenSeconds * 1_000, random),
    };
    states.set(name, state);
    return state;
  };

  return async (delivery, holder) => {
    const { record, destination } = delivery;
    const { limit, breaker } = getState(destination);
    const hasTime = (): boolean =>
      holder.remainingMs() >= destination.timeoutMs + FOLLOW_UP_RESERVE_MS;

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
    const attemptOnce = async (): Promise<ProcessedDelivery> => {
      if (record.data.test) return { result: await attempt(), rows: [] };
      const business = getBusinessKey(delivery);
      if (!business.ok) return { result: business.outcome, rows: [] };
      const deliveryKey = toDeliveryKey(record.id, destination.name, record.data.receivedAt);
      const own = await deliveries.take(deliveryKey, holder);
      if (own.kind !== 'taken') return { result: own, rows: [] };
      if (business.key === null) return { result: await attempt(), rows: [own.row] };
      const shared = await deliveries.take(toBusinessKey(business.key, destination.name), holder);
      if (shared.kind !== 'taken') return { result: shared, rows: [own.row] };
      return { result: await attempt(), rows: [own.row, shared.row] };
    };

    return limit(async () => {
      // checked here too, so that no row is taken for nothing
      if (!hasTime()) return { result: { kind: 'insufficient_time' }, rows: [] };
      const permit = breaker.tryAcquire(now());
      if (!permit.isAllowed) {
        const { failure: openedBy, openForMs } = permit;
        const openForSeconds = openForMs / 1_000;
        return { result: { kind: 'circuit_open', openedBy, openForSeconds }, rows: [] };
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
