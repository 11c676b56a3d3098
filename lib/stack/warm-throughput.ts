import type { PlannedDestination } from './plan-destinations.ts';

/** One to take the row of a delivery, one to finish it. Each needs one unit: a row is below 1 KB. */
const WRITES_PER_DELIVERY = 2;
/** The index rows of a usual webhook: by e-mail, source id and code. */
const INDEX_ROWS_PER_WEBHOOK = 3;
/**
 * The least that an attempt takes, with the two writes around it. A destination without a rate makes as
 * many deliveries at once as its invocations have messages.
 */
const SECONDS_PER_DELIVERY = 0.1;
/** How many deliveries of one invocation the table sees at once, when many share a request. */
const MAX_AT_ONCE_OF_MANY = 50;
/** What a new on-demand table takes at once (DynamoDB developer guide, Understanding warm throughput). */
const DEFAULT_WRITES = 4_000;
/** The quota of a table (DynamoDB developer guide, Quotas, Throughput default quotas). */
const MAX_WRITES = 40_000;

/** The property WarmThroughput of a DynamoDB table. A delivery reads nothing, so reads stay as they are. */
export interface WarmThroughput {
  readonly WriteUnitsPerSecond: number;
}

/**
 * Computes the writes that the table of deliveries must take from its first second on: a new table takes
 * 4,000 a second, and doubles within 30 minutes of more. A write that is throttled away after a delivery
 * could make the delivery twice.
 *
 * The figure is rounded up to 8,000, 16,000 and so on, because AWS does not lower it: a deploy that asks
 * for less than the table has fails. Then the stage parameter tableWritesPerSecond replaces the figure.
 * @param webhooksPerSecond how many webhooks are accepted: their index rows are written beside the
 * deliveries. 0 for the table's index over rows that wait or are dead, which each write of a delivery can
 * change
 * @param writesPerSecond the stage parameter: a number, `auto` for the figure that the destinations need, or
 * `off`
 * @returns null when a new table takes enough, or the table is left as it is
 */
export function computeWarmThroughput(
  destinations: readonly PlannedDestination[],
  writesPerSecond: string,
  webhooksPerSecond: number,
): WarmThroughput | null {
  if (writesPerSecond === 'off') return null;
  const writes =
    writesPerSecond === 'auto'
      ? computeWrites(destinations, webhooksPerSecond)
      : Number(writesPerSecond);
  return writes <= DEFAULT_WRITES ? null : { WriteUnitsPerSecond: writes };
}

function computeWrites(
  destinations: readonly PlannedDestination[],
  webhooksPerSecond: number,
): number {
  const deliveriesPerSecond = destinations.reduce(
    (sum, destination) => sum + computeDeliveriesPerSecond(destination),
    0,
  );
  const needed =
    WRITES_PER_DELIVERY * deliveriesPerSecond + INDEX_ROWS_PER_WEBHOOK * webhooksPerSecond;
  let writes = DEFAULT_WRITES;
  while (writes < needed && writes < MAX_WRITES) writes *= 2;
  return Math.min(writes, MAX_WRITES);
}

function computeDeliveriesPerSecond({ limit, settings }: PlannedDestination): number {
  const { maximumConcurrency, batchSize, simultaneous, requestSize } = settings;
  const rate = Math.min(limit.perSecond ?? Infinity, (limit.perMinute ?? Infinity) / 60);
  const ofOneInvocation = requestSize === 1 ? simultaneous : MAX_AT_ONCE_OF_MANY;
  const atOnce = maximumConcurrency * Math.min(batchSize, ofOneInvocation);
  return Math.min(rate * requestSize, atOnce / SECONDS_PER_DELIVERY);
}
