import type { Destination } from '../destinations/destination.ts';
import { errorName } from '../error-name.ts';
import type { Purpose, RelayRecord } from '../record/record.ts';

/** Where a record goes. */
export interface Routes {
  readonly matched: readonly Destination[];
  /** Destinations whose `accepts` threw: the record is refused there, and only there. */
  readonly failed: readonly { readonly destination: Destination; readonly errorClass: string }[];
  /** A code or a promotion that nobody wants: a customer is waiting for it. */
  readonly unrouted: boolean;
}

const CUSTOMER_FACING: ReadonlySet<Purpose> = new Set(['code', 'promotion']);

/** Asks every destination whether it wants a record. Test webhooks go to those that ask for them. */
export function routeRecord(record: RelayRecord, destinations: readonly Destination[]): Routes {
  const { test, purpose } = record.data;
  const matched: Destination[] = [];
  const failed: { destination: Destination; errorClass: string }[] = [];
  for (const destination of destinations) {
    if (test && !destination.acceptsTestEvents) continue;
    try {
      if (destination.accepts(record)) matched.push(destination);
    } catch (error) {
      failed.push({ destination, errorClass: errorName(error) });
    }
  }
  const unrouted = !test && CUSTOMER_FACING.has(purpose) && matched.length + failed.length === 0;
  return { matched, failed, unrouted };
}
