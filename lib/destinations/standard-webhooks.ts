import { createHmac, createSecretKey, type KeyObject } from 'node:crypto';

const SECRET_PREFIX = 'whsec_';
const SIGNING_SECRET = /^whsec_[A-Za-z0-9+/]+={0,2}$/;
/** What the specification asks for. */
const MIN_SECRET_BYTES = 24;
const MAX_SECRET_BYTES = 64;
const MS_PER_SECOND = 1_000;

/**
 * The key of a secret of the Standard Webhooks specification: `whsec_` and base64. Made once, because a
 * hash with bare bytes takes several times as long as one with a key.
 */
export function toSigningKey(secret: string): KeyObject {
  return createSecretKey(decodeSecret(secret));
}

/** Says whether a text is such a secret. */
export function isSigningSecret(text: string): boolean {
  const { length } = decodeSecret(text);
  return SIGNING_SECRET.test(text) && length >= MIN_SECRET_BYTES && length <= MAX_SECRET_BYTES;
}

function decodeSecret(secret: string): Buffer {
  return Buffer.from(secret.slice(SECRET_PREFIX.length), 'base64');
}

/**
 * The headers that prove to a receiver that a body comes from us (Standard Webhooks specification,
 * version 1: HMAC-SHA256 over id, time and body).
 * @param keys one, or both while one is being replaced: the receiver takes either signature
 * @param id the record's id: the same on every attempt, so that the receiver can drop a repetition
 */
export function toWebhookHeaders(
  keys: readonly KeyObject[],
  id: string,
  now: Date,
  body: string,
): { [name: string]: string } {
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
