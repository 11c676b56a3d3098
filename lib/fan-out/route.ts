import type { Destination } from '../destinations/destination.ts';
import { requireSync } from '../destinations/require-sync.ts';
import { errorName } from '../error-name.ts';
import type { Purpose, RelayRecord } from '../record/record.ts';

/** The destinations of one record. */
export interface Routes {
  readonly matched: readonly Destination[];
  /** Destinations whose `accepts` threw, with the name of the error. */
  readonly failed: readonly { readonly destination: Destination; readonly cause: string }[];
  /** No destination accepts a code or a promotion, for which a customer waits. */
  readonly unrouted: boolean;
}

const CUSTOMER_FACING: ReadonlySet<Purpose> = new Set(['code', 'promotion']);

/**
 * Finds the destinations that accept a record. A retired destination gets no new ones. A test webhook
 * only goes to destinations with `acceptsTestEvents`. An `accepts` that throws fails that one delivery and no other.
 */
export function routeRecord(record: RelayRecord, destinations: readonly Destination[]): Routes {
  const { test, purpose } = record.data;
  const matched: Destination[] = [];
  const failed: { destination: Destination; cause: string }[] = [];
  for (const destination of destinations) {
    if (destination.retired || (test && !destination.acceptsTestEvents)) continue;
    try {
      if (requireSync(destination.accepts(record))) matched.push(destination);
    } catch (error) {
      failed.push({ destination, cause: errorName(error) });
    }
  }
  const unrouted = !test && CUSTOMER_FACING.has(purpose) && matched.length + failed.length === 0;
  return { matched, failed, unrouted };
}
