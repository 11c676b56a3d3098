/** What happened to one webhook: the `status` of a `webhook` log line. */
export const WEBHOOK_STATUSES = [
  'queued',
  'quarantined',
  'rejected',
  'unavailable',
  'too_large',
  'error',
] as const;
export type WebhookStatus = (typeof WEBHOOK_STATUSES)[number];

/** The meaning of each webhook status. docs/operations.md has the same list; a test compares them. */
export const WEBHOOK_STATUS_MEANINGS: { readonly [Status in WebhookStatus]: string } = {
  queued: 'valid; its record is on [records]',
  quarantined: 'genuine, but it could not be parsed or validated; it is on [quarantine]',
  rejected:
    "not Voucherify's, from an IP address that is not Voucherify's, or through an unsupported front; nothing is kept",
  unavailable: 'it could not be verified or stored now; Voucherify sends it again',
  too_large: 'larger than a queue message can be, even compressed; nothing is kept',
  error: 'our own code failed before the signature was verified; Voucherify sends it again',
};

/** Why a webhook is `rejected`, `unavailable` or an `error`: the `reason` of a `webhook` log line. */
export const WEBHOOK_REASONS = [
  'unsupported_front',
  'signature_missing',
  'signature_malformed',
  'signature_mismatch',
  'unknown_sender_ip',
  'secret_unavailable',
  'queue_unavailable',
  'internal_error',
] as const;
export type WebhookReason = (typeof WEBHOOK_REASONS)[number];

/** The meaning of each webhook reason. docs/operations.md has the same list; a test compares them. */
export const WEBHOOK_REASON_MEANINGS: { readonly [Reason in WebhookReason]: string } = {
  unsupported_front:
    'the event came neither from an API Gateway HTTP API (payload format 2.0) nor from a function URL',
  signature_missing: 'the header `x-voucherify-signature` is missing',
  signature_malformed: 'the signature is not 64 hexadecimal digits',
  signature_mismatch: 'the signature does not match the body',
  unknown_sender_ip: "the IP address is not one of Voucherify's, and `senderIpCheck` is `enforce`",
  secret_unavailable: 'the webhook secret is missing, malformed or cannot be read',
  queue_unavailable: 'SQS did not accept the message',
  internal_error: 'our own code failed; `cause` is the name of the error',
};

/**
 * The state of a delivery after a message was processed: the `status` of a `delivery` log line, of its
 * metric, and of the console.
 */
export const DELIVERY_STATUSES = [
  'in_progress',
  'waiting',
  'delivered',
  'duplicate',
  'dead',
  'erased',
] as const;
export type DeliveryStatus = (typeof DELIVERY_STATUSES)[number];

/** The meaning of each delivery status. docs/operations.md has the same list; a test compares them. */
export const DELIVERY_STATUS_MEANINGS: { readonly [Status in DeliveryStatus]: string } = {
  in_progress: 'another invocation is making the delivery',
  waiting: 'it waits for its next attempt; `failure` says why',
  delivered: 'the destination has it',
  duplicate: 'it was delivered, or given up, before; nothing was sent',
  dead: 'given up; it is on [dead-letters], and `reason` says why',
  erased: 'the data of its person was erased; nothing was sent',
};

/** What a replay found about one message: the `status` of a `replay` log line and of its report. */
export const REPLAY_STATUSES = [
  'valid',
  'invalid',
  'replayed',
  'would_replay',
  'skipped',
  'unparsable',
] as const;
export type ReplayStatus = (typeof REPLAY_STATUSES)[number];

/** The meaning of each replay status. docs/operations.md has the same list; a test compares them. */
export const REPLAY_STATUS_MEANINGS: { readonly [Status in ReplayStatus]: string } = {
  valid: 'a quarantined webhook that is valid now; its record goes to [records]',
  invalid:
    'a quarantined webhook that is still invalid; it stays as it was, and the report has its issues',
  replayed: 'a dead letter that is delivered again',
  would_replay: 'a dead letter that a run without `--dry-run` would deliver again',
  skipped: 'a message that the request did not ask for; it stays',
  unparsable: 'a message that is neither; it stays',
};
