/** How many requests a receiver takes. Null where it sets no limit. */
export interface Limit {
  /** Requests per second. */
  readonly perSecond: number | null;
  /** Requests per minute. */
  readonly perMinute: number | null;
  /** Requests at once, 2 at least. */
  readonly concurrency: number | null;
}

/** The settings of a destination's event source mapping, and the pace that an invocation keeps with them. */
export interface QueueSettings {
  /** The most invocations at once (ScalingConfig API reference, MaximumConcurrency: 2 to 1,000). */
  readonly maximumConcurrency: number;
  readonly batchSize: number;
  /** How long a batch may wait to fill up. Lambda requires one for a batch above 10. */
  readonly batchWindowSeconds: number;
  /** The time between two requests of one invocation; 0 without a limit. */
  readonly intervalMs: number;
  /** The most requests of one invocation at once. */
  readonly simultaneous: number;
}

/** ScalingConfig API reference: Lambda accepts no smaller cap. */
export const MIN_CONCURRENCY = 2;
const DEFAULT_CONCURRENCY = 10;
/** What one receive of SQS returns at most, so a batch of this size needs no window. */
const DEFAULT_BATCH_SIZE = 10;
const DEFAULT_SIMULTANEOUS = 50;
/** How long an invocation that keeps a pace takes: long enough that starting it costs little beside it. */
const PACED_BATCH_SECONDS = 10;
/** The share of a limit that is used: two invocations never keep time exactly. */
const USED_SHARE = 0.97;
/** Beyond this, more invocations share the work: an invocation has a limited memory and time. */
const MAX_PACED_BATCH_SIZE = 500;

/**
 * Derives how the queue of a destination is read from what its receiver takes. Lambda caps invocations,
 * not requests. So every invocation keeps its share of the rate: with n invocations at once, one that
 * makes k requests takes at least k * n / (0.97 * rate) seconds.
 */
export function toQueueSettings(limit: Limit): QueueSettings {
  const { concurrency } = limit;
  const ratePerSecond = Math.min(limit.perSecond ?? Infinity, (limit.perMinute ?? Infinity) / 60);
  const usedRate = USED_SHARE * ratePerSecond;
  const isPaced = Number.isFinite(ratePerSecond);
  const neededConcurrency = isPaced
    ? Math.max(MIN_CONCURRENCY, Math.ceil((usedRate * PACED_BATCH_SECONDS) / MAX_PACED_BATCH_SIZE))
    : DEFAULT_CONCURRENCY;
  const maximumConcurrency = Math.min(neededConcurrency, concurrency ?? Infinity);
  const batchSize = isPaced
    ? Math.min(
        MAX_PACED_BATCH_SIZE,
        Math.max(1, Math.floor((PACED_BATCH_SECONDS * usedRate) / maximumConcurrency)),
      )
    : DEFAULT_BATCH_SIZE;
  return {
    maximumConcurrency,
    batchSize,
    batchWindowSeconds: batchSize > DEFAULT_BATCH_SIZE ? 1 : 0,
    intervalMs: isPaced ? (1_000 * maximumConcurrency) / usedRate : 0,
    simultaneous:
      concurrency === null
        ? DEFAULT_SIMULTANEOUS
        : Math.max(1, Math.floor(concurrency / maximumConcurrency)),
  };
}
