import type { AlertCode } from '../telemetry/error-codes.ts';
import type { FailureReason } from '../telemetry/reason-codes.ts';

/** What kept an attempt from delivering. */
export interface Failure {
  readonly reason: FailureReason;
  /** The name of an error: from the network, AWS, or a merchant's function. Never its message. */
  readonly cause: string | null;
  /** The HTTP status of the response; null when there was none. */
  readonly status: number | null;
}

/** The destination has the record. */
export interface Delivered {
  readonly kind: 'delivered';
  readonly status: number | null;
}

/** A transient failure: a later attempt may succeed. */
export interface Retry extends Failure {
  readonly kind: 'retry';
  /** The seconds of the destination's `Retry-After`. */
  readonly retryAfterSeconds: number | null;
  /** False when the destination only limits the rate: then no attempt is used up. */
  readonly countsAsAttempt: boolean;
  /** The request was sent and no response came: the destination may have the record. */
  readonly maybeDelivered: boolean;
  readonly alert: AlertCode | null;
  /** The beginning of the response's body, for a dead letter and never for a log. */
  readonly responseBody: string | null;
}

/** A permanent failure: a further attempt would fail in the same way. */
export interface Rejected extends Failure {
  readonly kind: 'rejected';
  /** The merchant's words to `undeliverable(...)`, for a dead letter and never for a log. */
  readonly detail: string | null;
  readonly alert: AlertCode | null;
  /** The beginning of the response's body, for a dead letter and never for a log. */
  readonly responseBody: string | null;
}

/** The outcome of one attempt. */
export type DeliveryOutcome = Delivered | Retry | Rejected;

/** Returns the outcome `delivered`; `status` is the HTTP status of the response, where there is one. */
export function delivered(status: number | null): Delivered {
  return { kind: 'delivered', status };
}

/** Returns the outcome `retry`. By default it uses up an attempt and the record did not arrive. */
export function retry(
  reason: FailureReason,
  more: Partial<Omit<Retry, 'kind' | 'reason'>> = {},
): Retry {
  return {
    kind: 'retry',
    reason,
    cause: null,
    status: null,
    retryAfterSeconds: null,
    countsAsAttempt: true,
    maybeDelivered: false,
    alert: null,
    responseBody: null,
    ...more,
  };
}

/** Returns the outcome `rejected`. */
export function rejected(
  reason: FailureReason,
  more: Partial<Omit<Rejected, 'kind' | 'reason'>> = {},
): Rejected {
  return {
    kind: 'rejected',
    reason,
    cause: null,
    status: null,
    detail: null,
    alert: null,
    responseBody: null,
    ...more,
  };
}
