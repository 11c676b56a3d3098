import type { Destination } from '../destinations/destination.ts';
import { classOf } from '../destinations/outcome.ts';
import type { Purpose, RelayRecord } from '../record/record.ts';

/** Where a record goes. */
export interface Routes {
  readonly accepting: readonly Destination[];
  /** Destinations whose `accepts` threw: the record is refused there, and only there. */
  readonly throwing: readonly { readonly destination: Destination; readonly thrown: string }[];
  /** A code or a promotion that nobody wants: a customer is waiting for it. */
  readonly unrouted: boolean;
}

const MADE_FOR_A_CUSTOMER: ReadonlySet<Purpose> = new Set(['code', 'promotion']);

/** Asks every destination whether it wants a record. Test webhooks go to those that ask for them. */
export function routesOf(record: RelayRecord, destinations: readonly Destination[]): Routes {
  const { test, purpose } = record.data;
  const accepting: Destination[] = [];
  const throwing: { destination: Destination; thrown: string }[] = [];
  for (const destination of destinations) {
    if (test && !destination.testSends) continue;
    try {
      if (destination.accepts(record)) accepting.push(destination);
    } catch (error) {
      throwing.push({ destination, thrown: classOf(error) });
    }
  }
  const unrouted =
    !test && MADE_FOR_A_CUSTOMER.has(purpose) && accepting.length + throwing.length === 0;
  return { accepting, throwing, unrouted };
}
