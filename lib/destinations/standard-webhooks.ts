import { createHmac, createSecretKey, type KeyObject } from 'node:crypto';
import { toAllowedId } from '../record/allowed-id.ts';

const SECRET_PREFIX = 'whsec_';
const SIGNING_SECRET = /^whsec_[A-Za-z0-9+/]+={0,2}$/;
/** The lengths that the specification requires. */
const MIN_SECRET_BYTES = 24;
const MAX_SECRET_BYTES = 64;
/**
 * Printable ASCII without the full stop: a header may hold no more with certainty (RFC 9110, section 5.5),
 * and the full stop separates the id from the time in what is signed.
 */
const WEBHOOK_ID = /^[!-\-/-~]{1,128}$/;
const MS_PER_SECOND = 1_000;

/**
 * Creates the key of a secret of the Standard Webhooks specification: `whsec_` and base64. Create it once:
 * an HMAC with raw bytes takes several times as long as one with a key object.
 */
export function toSigningKey(secret: string): KeyObject {
  return createSecretKey(decodeSecret(secret));
}

/** Checks whether a text is a secret of that form: `whsec_` and the base64 of 24 to 64 bytes. */
export function isSigningSecret(text: string): boolean {
  const { length } = decodeSecret(text);
  return SIGNING_SECRET.test(text) && length >= MIN_SECRET_BYTES && length <= MAX_SECRET_BYTES;
}

function decodeSecret(secret: string): Buffer {
  return Buffer.from(secret.slice(SECRET_PREFIX.length), 'base64');
}

/**
 * Signs a body and returns the headers by which a receiver verifies it (Standard Webhooks specification,
 * version 1: HMAC-SHA256 over id, time and body).
 * @param keys one, or two during a rotation: the receiver accepts either signature
 * @param recordId the same on every attempt, so that the receiver can drop a repetition. An id that the
 * header may not hold is replaced by its hash
 */
export function toWebhookHeaders(
  keys: readonly KeyObject[],
  recordId: string,
  now: Date,
  body: string,
): { [name: string]: string } {
  const id = toAllowedId(recordId, WEBHOOK_ID);
  const seconds = Math.floor(now.getTime() / MS_PER_SECOND).toString();
  const signatures = keys.map((key) => {
    const digest = createHmac('sha256', key).update(`${id}.${seconds}.${body}`).digest('base64');
    return `v1,${digest}`;
  });
  return {
    'webhook-id': id,
    'webhook-timestamp': seconds,
    'webhook-signature': signatures.join(' '),
  };
}
