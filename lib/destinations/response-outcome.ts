/** The response of a receiver, as the option `outcome` of an HTTP destination gets it. */
export interface ReceiverResponse {
  readonly status: number;
  /** By name in lower case. Several values of one name are one text, separated by commas. */
  readonly headers: { readonly [name: string]: string | undefined };
  /** The body, its first 65,536 characters. */
  readonly body: string;
  /** The body as JSON; undefined when it is not JSON. */
  readonly json: unknown;
}

/** What a response means: what the option `outcome` of an HTTP destination returns. */
export type ResponseOutcome =
  | { readonly kind: 'delivered' }
  | ({ readonly kind: 'retry' } & RetryLaterOptions)
  | { readonly kind: 'rejected'; readonly detail: string };

/** How a delivery is retried. */
export interface RetryLaterOptions {
  /** The least time to wait, at most an hour; that of the response's `Retry-After` by default. */
  readonly afterSeconds?: number;
  /** False for a receiver that only limits the rate: no attempt is used up. True by default. */
  readonly countsAsAttempt?: boolean;
}

/** States that the receiver has the record, whatever the status is: a 409 to a repetition, for example. */
export function delivered(): ResponseOutcome {
  return { kind: 'delivered' };
}

/** States that the receiver did not act, and that a later attempt may succeed. */
export function retryLater(options: RetryLaterOptions = {}): ResponseOutcome {
  return { ...options, kind: 'retry' };
}

/** States that a further attempt would fail in the same way. The delivery becomes a dead letter with that reason. */
export function rejected(reason: string): ResponseOutcome {
  return { kind: 'rejected', detail: reason };
}
