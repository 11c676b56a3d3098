/** How many requests a receiver takes. Null where it sets no limit. */
export interface Limit {
  /** Requests per second. */
  readonly perSecond: number | null;
  /** Requests per minute. */
  readonly perMinute: number | null;
  /** Requests at once, 2 at least. */
  readonly concurrency: number | null;
}

/** How many records a receiver takes in one request. */
export interface Batch {
  /** The most records of one request, 1 to 10,000. */
  readonly size: number;
  /** How long records wait for others before a request is made, 0 to 300 seconds. */
  readonly windowSeconds: number;
}

/** One request for each record. */
export const NO_BATCH: Batch = { size: 1, windowSeconds: 0 };

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
  /** The most records of one request. */
  readonly requestSize: number;
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
const MAX_PACED_REQUESTS = 500;
/**
 * How many records an invocation delivers in that time when many share a request: two calls to the table
 * for each are then all that it does.
 */
const MAX_PACED_RECORDS = 3_000;
/**
 * CreateEventSourceMapping API reference, BatchSize. An invocation gets less when they are 6 MB together
 * (Lambda quotas, Invocation payload).
 */
export const MAX_BATCH_SIZE = 10_000;
/** CreateEventSourceMapping API reference, MaximumBatchingWindowInSeconds. */
export const MAX_WINDOW_SECONDS = 300;

/**
 * Derives how the queue of a destination is read from what its receiver takes. Lambda caps invocations,
 * not requests. So every invocation keeps its share of the rate: with n invocations at once, one that
 * makes k requests takes at least k * n / (0.97 * rate) seconds. Its batch has the records of these requests.
 */
export function toQueueSettings(limit: Limit, batch: Batch = NO_BATCH): QueueSettings {
  const { concurrency } = limit;
  const ratePerSecond = Math.min(limit.perSecond ?? Infinity, (limit.perMinute ?? Infinity) / 60);
  const usedRate = USED_SHARE * ratePerSecond;
  const isPaced = Number.isFinite(ratePerSecond);
  const maxRequests = Math.min(MAX_PACED_REQUESTS, MAX_PACED_RECORDS / batch.size);
  // invocations that begin together must not make more requests than a second allows
  const mostInOneSecond = Math.max(MIN_CONCURRENCY, Math.floor(limit.perSecond ?? Infinity));
  const neededConcurrency = isPaced
    ? Math.max(
        MIN_CONCURRENCY,
        Math.min(mostInOneSecond, Math.ceil((usedRate * PACED_BATCH_SECONDS) / maxRequests)),
      )
    : DEFAULT_CONCURRENCY;
  const maximumConcurrency = Math.min(neededConcurrency, concurrency ?? Infinity);
  const requests = isPaced
    ? Math.min(maxRequests, (PACED_BATCH_SECONDS * usedRate) / maximumConcurrency)
    : DEFAULT_BATCH_SIZE / batch.size;
  const batchSize = Math.min(MAX_BATCH_SIZE, batch.size * Math.max(1, Math.floor(requests)));
  return {
    maximumConcurrency,
    batchSize,
    batchWindowSeconds: Math.max(batch.windowSeconds, batchSize > DEFAULT_BATCH_SIZE ? 1 : 0),
    intervalMs: isPaced ? (1_000 * maximumConcurrency) / usedRate : 0,
    simultaneous:
      concurrency === null
        ? DEFAULT_SIMULTANEOUS
        : Math.max(1, Math.floor(concurrency / maximumConcurrency)),
    requestSize: batch.size,
  };
}
