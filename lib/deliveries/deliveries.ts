import type { Failure } from '../destinations/outcome.ts';
import type { DeadLetterReason } from '../telemetry/reason-codes.ts';
import type { RowKey } from './row.ts';

/** Who takes rows: one message in one invocation. */
export interface Holder {
  /**
   * The same for every call of this holder, so that a call whose response was lost recognises its own
   * hold, and of no other holder.
   */
  readonly token: string;
  /** Milliseconds until the invocation ends, and with it every hold of it. */
  readonly remainingMs: () => number;
}

/** A row that a holder took and has not finished. */
export interface HeldRow {
  readonly key: RowKey;
  readonly holder: Holder;
}

/** The time of the message that asks for a delivery, RFC 3339. */
export interface RequestTimes {
  /** When the record was put on [records], or replayed: what was given up before is attempted again. */
  readonly requestedAt: string;
}

/** What the row of a delivery says of its webhook, for a person who looks it up. Nothing personal. */
export interface Webhook {
  /** The `type` of the record. */
  readonly event: string;
  /** When the webhook was received, RFC 3339. */
  readonly receivedAt: string;
  /** When the code that it hands out expires, RFC 3339; null without a code or an expiry. */
  readonly codeExpiresAt: string | null;
}

/** What a row said before it was taken. */
export interface RowBefore {
  /** The attempts that were used up. */
  readonly attempts: number;
  /** When the delivery was taken first; null when it is new. */
  readonly firstAt: Date | null;
  /** What it failed with last; null when nothing failed. */
  readonly lastFailure: Failure | null;
  /** How many times it was taken before and not finished: the invocation ended first. */
  readonly unfinishedTries: number;
  /** It was delivered before, and an operator has released it: it is made once more, on purpose. */
  readonly isReleased: boolean;
}

/** The result of taking a row. */
export type TakeResult =
  | { readonly kind: 'taken'; readonly row: HeldRow; readonly before: RowBefore }
  /** It was delivered before. */
  | { readonly kind: 'duplicate' }
  /** It was given up after this message was sent: the message is a copy. */
  | { readonly kind: 'given_up' }
  /** The data of its person was erased: the message is dropped. */
  | { readonly kind: 'erased' }
  /** Another holder has it, until then at most. */
  | { readonly kind: 'in_progress'; readonly until: Date }
  /** It waits for its next attempt. */
  | { readonly kind: 'not_due'; readonly until: Date }
  /** The table cannot be reached, or its response was lost. `cause` is the name of the error. */
  | { readonly kind: 'deliveries_unavailable'; readonly cause: string };

/** How a row ends its hold, and what it says from then on. */
export type RowEnd = {
  /** The number of attempts that are used up. */
  readonly attempts: number;
  readonly firstAt: Date;
} & (
  | { readonly state: 'delivered' }
  | {
      readonly state: 'waiting';
      readonly lastFailure: Failure;
      readonly nextAt: string;
      /** Above 0 when no attempt was made and the tries before did not finish. */
      readonly unfinishedTries: number;
    }
  | { readonly state: 'dead'; readonly lastFailure: Failure; readonly reason: DeadLetterReason }
);

/** Why a delivery is given up that nobody holds. */
export interface GivenUp {
  readonly reason: DeadLetterReason;
  readonly lastFailure: Failure;
}

/** The result of finishing a row; `cause` is the name of the last error. */
export type FinishResult =
  | { readonly kind: 'finished' }
  | { readonly kind: 'not_written'; readonly cause: string };

/** The rows of deliveries: who holds one, and what has become of it. */
export interface DeliveriesTable {
  /**
   * Holds a row until the end of the holder's invocation: if it is new, or waiting and due, or if its hold
   * or the retention of its delivery is over, or if it was given up before the message asked for it again,
   * or if it was delivered and released.
   * @param webhook what the row says of its webhook; left out for a business key, which has many
   */
  readonly take: (
    key: RowKey,
    holder: Holder,
    times: RequestTimes,
    webhook?: Webhook,
  ) => Promise<TakeResult>;
  /**
   * Ends a hold; a row that was erased meanwhile stays erased. The write is repeated until little time of the invocation is left: one that is lost
   * after a delivery lets the next repetition be delivered again.
   */
  readonly finish: (row: HeldRow, end: RowEnd) => Promise<FinishResult>;
  /**
   * Writes that a delivery is dead which was given up without being taken, so that a person who looks it up
   * finds that. A row that is held, delivered or erased stays as it is. Tried once; never rejects.
   */
  readonly giveUp: (key: RowKey, end: GivenUp, webhook: Webhook) => Promise<FinishResult>;
}
