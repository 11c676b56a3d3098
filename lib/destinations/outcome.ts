/** Something that a person should hear of at once: a key that is refused or cannot be read, a receiver that is gone. */
export type AlertCode = 'credentials_rejected' | 'secret_unavailable' | 'gone';

/** The reason of a `retry` when no answer came within the destination's time limit. */
export const TIMEOUT = 'timeout';

/** The destination has it. */
export interface Delivered {
  readonly kind: 'delivered';
  readonly status: number | null;
}

/** A temporary failure: it may work later. */
export interface Retry {
  readonly kind: 'retry';
  /** A word for the journal: never a text of the receiver. */
  readonly reason: string;
  readonly status: number | null;
  /** The receiver's own wish for a pause, in seconds. */
  readonly retryAfterSeconds: number | null;
  /** False when the receiver is well and only asks for patience. */
  readonly countsAsAttempt: boolean;
  /** The request went out and no answer came: the receiver may have it all the same. */
  readonly maybeDelivered: boolean;
  readonly alert: AlertCode | null;
  /** The beginning of the answer, for a dead letter and never for a log. */
  readonly responseBody: string | null;
}

/** A permanent failure: trying again would fail again. */
export interface Rejected {
  readonly kind: 'rejected';
  /** A word for the journal: never a text of the receiver. */
  readonly reason: string;
  /** More about the reason, for a dead letter and never for a log. */
  readonly detail: string | null;
  readonly status: number | null;
  readonly alert: AlertCode | null;
  /** The beginning of the answer, for a dead letter and never for a log. */
  readonly responseBody: string | null;
}

/** What became of one attempt at a delivery. */
export type DeliveryOutcome = Delivered | Retry | Rejected;

/** An outcome `delivered`; `status` is the answer's HTTP status where there is one. */
export function delivered(status: number | null): Delivered {
  return { kind: 'delivered', status };
}

/** An outcome `retry` for that reason; by default it uses up an attempt and did not arrive. */
export function retry(reason: string, more: Partial<Omit<Retry, 'kind' | 'reason'>> = {}): Retry {
  return {
    kind: 'retry',
    reason,
    status: null,
    retryAfterSeconds: null,
    countsAsAttempt: true,
    maybeDelivered: false,
    alert: null,
    responseBody: null,
    ...more,
  };
}

/** An outcome `rejected` for that reason. */
export function rejected(
  reason: string,
  more: Partial<Omit<Rejected, 'kind' | 'reason'>> = {},
): Rejected {
  return {
    kind: 'rejected',
    reason,
    detail: null,
    status: null,
    alert: null,
    responseBody: null,
    ...more,
  };
}
