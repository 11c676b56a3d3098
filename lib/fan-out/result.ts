import type { DeliveryOutcome } from '../destinations/outcome.ts';

/** Why a delivery that waited on [retries] had waited. */
export interface LastFailure {
  readonly reason: string;
  readonly status: number | null;
}

/** What became of a delivery: the outcome of an attempt, or why there was none. */
export type DeliveryResult =
  | DeliveryOutcome
  /** It was made before. */
  | { readonly kind: 'duplicate' }
  /** It is being made at this moment, by another invocation. */
  | { readonly kind: 'claimed_elsewhere' }
  | { readonly kind: 'ledger_unavailable'; readonly reason: string }
  /** The destination is failing, and is spared for that time. */
  | { readonly kind: 'held_back'; readonly reason: string; readonly openForSeconds: number }
  /** The function may end before the attempt would. */
  | { readonly kind: 'no_time_left' }
  /** Its voucher expired while it waited. */
  | { readonly kind: 'overtaken'; readonly lastFailure: LastFailure }
  | { readonly kind: 'too_old'; readonly lastFailure: LastFailure };
