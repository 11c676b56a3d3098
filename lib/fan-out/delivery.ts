import type { HeldRow } from '../deliveries/deliveries-table.ts';
import type { Destination } from '../destinations/destination.ts';
import type { DeliveryOutcome, Failure } from '../destinations/outcome.ts';
import type { RelayRecord } from '../record/record.ts';

/** One record for one destination. */
export interface Delivery {
  readonly record: RelayRecord;
  readonly destination: Destination;
  /** The number of this attempt, from 1. */
  readonly attempt: number;
  readonly firstAt: Date;
}

/** The result of processing a delivery: the outcome of an attempt, or why there was no attempt. */
export type DeliveryResult =
  | DeliveryOutcome
  /** It was delivered before. */
  | { readonly kind: 'duplicate' }
  /** Another message holds its row, or that of its business key. */
  | { readonly kind: 'in_progress' }
  /** The function may end before the attempt would. */
  | { readonly kind: 'insufficient_time' }
  /** The deliveries table cannot be reached. The row may be held for so long all the same. */
  | {
      readonly kind: 'deliveries_unavailable';
      readonly cause: string;
      readonly maybeHeldForMs: number;
    }
  /** The circuit breaker is open, for that many seconds more. */
  | { readonly kind: 'circuit_open'; readonly openedBy: Failure; readonly openForSeconds: number }
  /** Its voucher expired while it waited. */
  | { readonly kind: 'voucher_expired'; readonly lastFailure: Failure }
  /** It waited longer than the retry schedule allows. */
  | { readonly kind: 'too_old'; readonly lastFailure: Failure };

/** A delivery that was processed: its result, and the rows that were taken for it and are to be finished. */
export interface ProcessedDelivery {
  readonly result: DeliveryResult;
  readonly rows: readonly HeldRow[];
}
