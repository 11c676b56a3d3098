/**
 * Why deliveries fail and why they are given up: two closed lists. A reason is stored in messages and
 * logs exactly as it is written here; it is never put together from text. What is open (an error's
 * name, an HTTP status) stands beside it as `cause` and `status`.
 */

/** What kept an attempt from delivering, or why no attempt was made. */
export const FAILURE_REASONS = [
  'http_status',
  'timeout',
  'no_response',
  'aws_error',
  'undeliverable',
  'accepts_threw',
  'deduplicate_by_threw',
  'invalid_request',
  'deliver_threw',
  'mapped_response',
  'outcome_threw',
  'no_result',
  'secret_unavailable',
  'misconfigured',
  'circuit_open',
  'in_progress',
  'not_due',
  'insufficient_time',
  'attempt_unfinished',
  'deliveries_unavailable',
  'not_attempted',
  'unknown',
] as const;
export type FailureReason = (typeof FAILURE_REASONS)[number];

/** The meaning of each failure reason. docs/guarantees.md has the same list; a test compares them. */
export const FAILURE_REASON_MEANINGS: { readonly [Reason in FailureReason]: string } = {
  http_status: 'the destination responded with an HTTP status other than 2xx; `status` has it',
  timeout: 'no response within the timeout of the destination',
  no_response:
    'the connection failed or closed before a response; `cause` is the code of the network error, for example `ECONNREFUSED`',
  aws_error:
    'an AWS service rejected the call or could not be reached; `cause` is the name of its error',
  undeliverable:
    'the `request` or `requestMany` of the destination returned `undeliverable(...)`, or its `undeliverableReason` a reason; `detail` has the words',
  accepts_threw: 'the `accepts` of the destination threw; `cause` is the name of the error',
  deduplicate_by_threw:
    'the `deduplicateBy` of the destination threw; `cause` is the name of the error',
  invalid_request:
    'what `request`, `requestMany` or `headers` of the destination returned cannot be sent: the path leads elsewhere than its text says (`cause` is `InvalidPath`), a header has a character that no header may have (`InvalidHeader`), or the body for many records is above 6 MB (`BodyTooLarge`)',
  deliver_threw:
    'the `request`, `requestMany`, `undeliverableReason` or `headers` of the destination threw; `cause` is the name of the error',
  mapped_response:
    'the `outcome` or `outcomes` of the destination mapped the response to a retry or to a rejection; `status` has its HTTP status, and `detail` the words to `rejected(...)`',
  outcome_threw:
    'the `outcome` or `outcomes` of the destination threw, so the destination may have acted; `cause` is the name of the error',
  no_result:
    'the `outcomes` of the destination has none for the record, so the destination may have it; `status` has the HTTP status of the response',
  secret_unavailable:
    'a secret of the destination cannot be read or is not valid; `cause` is the name of the error',
  misconfigured: 'the address of the destination is not valid; nothing was sent',
  circuit_open:
    'the circuit breaker of the destination was open; `cause` and `status` are those of the failure that opened it',
  in_progress: 'another invocation was making the same delivery',
  not_due: 'it waits for its next attempt',
  insufficient_time:
    'the invocation had too little time left for an attempt at the pace of the destination',
  attempt_unfinished: 'its last attempts ended the invocation: it crashed or took too long',
  deliveries_unavailable:
    'the deliveries table could not be reached, so nothing was sent; `cause` is the name of the error',
  not_attempted: 'no attempt was made before the delivery was given up',
  unknown: 'the message comes from another release, whose reason this one does not know',
};

/** Why a delivery, or a message, was given up and became a dead letter. */
export const DEAD_LETTER_REASONS = [
  'unrouted',
  'unknown_destination',
  'rejected',
  'maybe_delivered',
  'attempts_exhausted',
  'attempts_unfinished',
  'queue_unavailable',
  'too_old',
  'voucher_expired',
  'invalid_message',
  'unknown',
] as const;
export type DeadLetterReason = (typeof DEAD_LETTER_REASONS)[number];

/** The meaning of each dead-letter reason. docs/guarantees.md has the same list; a test compares them. */
export const DEAD_LETTER_REASON_MEANINGS: { readonly [Reason in DeadLetterReason]: string } = {
  unrouted: 'no destination accepts the record, although its purpose is `code` or `promotion`',
  unknown_destination: 'it is for a destination that is no longer in functions/destinations.ts',
  rejected: 'a further attempt would fail in the same way; `lastFailure` says why',
  maybe_delivered:
    "a request was sent and no response came, and the destination has `onNoResponse: 'dead-letter'`",
  attempts_exhausted: 'all eleven attempts failed; `lastFailure` is the last failure',
  attempts_unfinished: 'three attempts ended the invocation: it crashed or took too long',
  queue_unavailable: 'the queue of the destination does not exist or may not be written to',
  too_old:
    'a day has passed since the first of its failed attempts, or SQS would soon delete its message or move it away; `lastFailure` says what it waited for',
  voucher_expired: 'the voucher expired while the delivery waited',
  invalid_message:
    'the message is neither a record nor a delivery. The dead letter has `issues`, `body` and `lastAt`, and none of the other fields',
  unknown: 'the dead letter comes from another release, whose reason this one does not know',
};
