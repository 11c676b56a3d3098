import type { Destination } from '../destinations/destination.ts';
import type { RelayRecord } from '../record/record.ts';

/** One record on its way to one destination. */
export interface Delivery {
  readonly record: RelayRecord;
  readonly destination: Destination;
  /** The number of this attempt, from 1. */
  readonly attempt: number;
  readonly firstAt: Date;
}
