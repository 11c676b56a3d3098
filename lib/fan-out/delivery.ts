import type { HeldRow, RequestTimes } from '../deliveries/deliveries.ts';
import type { Destination } from '../destinations/destination.ts';
import type { DeliveryOutcome, Failure } from '../destinations/outcome.ts';
import type { RelayRecord } from '../record/record.ts';

/** One record for one destination, as it was received from the destination's queue. */
export interface Delivery {
  readonly record: RelayRecord;
  readonly destination: Destination;
  readonly times: RequestTimes;
  /** When it was put on the queue. */
  readonly sentAt: Date;
  /** How often its message was received, this time included. */
  readonly receives: number;
}

/** The rows of a delivery that this invocation holds. */
export interface HeldRows {
  /** Its own, and that of its business key. */
  readonly rows: readonly HeldRow[];
  /** The number of the attempt that is to be made, from 1. */
  readonly attempt: number;
  /** When it was attempted first. */
  readonly firstAt: Date;
  /** What it failed with last; null when nothing failed. */
  readonly lastFailure: Failure | null;
  /** How many times it was taken before without an end: such an attempt ended its invocation. */
  readonly unfinishedTries: number;
  /** It was delivered before, and released by an operator. */
  readonly isReleased: boolean;
}

/** Why no attempt was made at a delivery. */
export type NotAttempted =
  /** It was delivered before. */
  | { readonly kind: 'duplicate' }
  /** It was given up before, and the message is a copy. */
  | { readonly kind: 'given_up' }
  /** The data of its person was erased. */
  | { readonly kind: 'erased' }
  /** Another invocation holds its row, or that of its business key. */
  | { readonly kind: 'in_progress'; readonly until: Date }
  /** It waits for its next attempt. */
  | { readonly kind: 'not_due'; readonly until: Date }
  /** The function may end before the attempt would, at the pace of the destination. */
  | { readonly kind: 'insufficient_time'; readonly until: Date }
  /** The circuit breaker is open. */
  | { readonly kind: 'circuit_open'; readonly until: Date; readonly openedBy: Failure }
  /** The deliveries table cannot be reached; `cause` is the name of the error. */
  | { readonly kind: 'deliveries_unavailable'; readonly cause: string }
  /** Its voucher expired while it waited. */
  | { readonly kind: 'voucher_expired' }
  /** Each of its last attempts ended the invocation. */
  | { readonly kind: 'attempts_unfinished' };

/** The result of processing a delivery: the outcome of an attempt, or why there was none. */
export type DeliveryResult =
  /** `isProbe`: the attempt found out about the destination, so its failure is not the delivery's. */
  (DeliveryOutcome & { readonly isProbe: boolean }) | NotAttempted;
