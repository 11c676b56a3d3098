import { type Batch, type Limit, toQueueSettings } from '../../../destinations/queue-settings.ts';

const format = (count: number): string => count.toLocaleString('en-GB');

/**
 * Describes the pace of a destination: what its declaration limits, and how many deliveries an invocation
 * gets at once. For example `75/s, 700/min, batches of 56`.
 */
export function describePace(limit: Limit, batch: Batch): string {
  const { perSecond, perMinute, concurrency } = limit;
  const { batchSize, intervalMs } = toQueueSettings(limit, batch);
  const rates = [
    perSecond === null ? null : `${format(perSecond)}/s`,
    perMinute === null ? null : `${format(perMinute)}/min`,
    concurrency === null ? null : `${format(concurrency)} at once`,
    batch.size > 1 ? `${format(batch.size)} records a request` : null,
    intervalMs > 0 ? `batches of ${format(batchSize)}` : null,
  ].filter((part) => part !== null);
  const isLimited = perSecond !== null || perMinute !== null || concurrency !== null;
  return [...(isLimited ? [] : ['no limit']), ...rates].join(', ');
}
