/** Every code of an `error` log line: what an operator should know that is no webhook and no delivery. */
export const ERROR_CODES = [
  'webhook_secret_missing',
  'webhook_secret_malformed',
  'webhook_secret_unavailable',
  'webhook_secret_not_refreshed',
  'unknown_sender_ip',
  'unrouted',
  'unknown_destination',
  'invalid_message',
  'message_failed',
  'follow_up_failed',
  'circuit_opened',
  'hide_failed',
  'queue_unavailable',
  'credentials_rejected',
  'secret_unavailable',
  'destination_gone',
  'destination_misconfigured',
  'deliveries_unavailable',
  'deliveries_write_failed',
  'delivered_write_failed',
  'index_write_failed',
  'publications_missing',
  'reconcile_failed',
  'release_refused',
] as const;
export type ErrorCode = (typeof ERROR_CODES)[number];

/** The errors of a destination that raise an alarm at once. */
export type AlertCode = Extract<
  ErrorCode,
  'credentials_rejected' | 'secret_unavailable' | 'destination_gone' | 'destination_misconfigured'
>;

/** The meaning of each error code. docs/operations.md has the same list; a test compares them. */
export const ERROR_CODE_MEANINGS: { readonly [Code in ErrorCode]: string } = {
  webhook_secret_missing: 'no webhook secret is configured, or it is empty',
  webhook_secret_malformed:
    'a line of the webhook secret is no plausible key; `issues` names the line. A secret read before stays in use, else every webhook gets a 503',
  webhook_secret_unavailable: 'the webhook secret cannot be read; `cause` is the name of the error',
  webhook_secret_not_refreshed:
    'the webhook secret cannot be read again; the one read before stays in use',
  unknown_sender_ip:
    'a webhook with a valid signature came from an IP address that is not listed for `senderRegion` or in `senderAddresses`; `sourceIp` has it',
  unrouted: 'no destination accepts a record of purpose `code` or `promotion`',
  unknown_destination:
    'a delivery is for a destination that is no longer in functions/destinations.ts',
  invalid_message: 'a queue message is neither a record nor a delivery; `issues` says where',
  message_failed: 'processing a queue message threw; SQS delivers it again',
  follow_up_failed: 'a dead letter could not be stored; the delivery waits, and is attempted again',
  circuit_opened: 'the circuit breaker of a destination opened; `failure` says what failed last',
  hide_failed:
    'messages that stay on their queue could not be hidden; they come back after its visibility timeout',
  queue_unavailable:
    'the queue of a destination does not exist or may not be written to; the delivery is a dead letter',
  credentials_rejected: 'a destination rejects our credentials (401, 403, or access denied by AWS)',
  secret_unavailable: 'a secret of a destination cannot be read or is not valid',
  destination_gone: 'a destination responded with 410 Gone',
  destination_misconfigured:
    'the address of a destination is not valid; its deliveries wait. When fanOut starts, `issues` says what is wrong',
  deliveries_unavailable: 'the deliveries table cannot be reached; deliveries wait',
  deliveries_write_failed:
    'a delivery that waits or is dead could not be written to the deliveries table; its row is free when the invocation is over',
  delivered_write_failed:
    'a delivery was made and could not be written to the deliveries table; what comes again of it is delivered again',
  index_write_failed:
    'the index rows of a record could not be written; it is delivered, and cannot be found by its customer or code',
  publications_missing:
    'publications of the last week never came, says the daily `reconcile`; `issues` has how many',
  reconcile_failed:
    'the daily `reconcile` could not compare; `cause` is a reason of docs/reconcile.md, or `time_over`',
  release_refused:
    'a new version of receive did not pass the checks of a release; `issues` has each response',
};
