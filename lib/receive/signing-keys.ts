import { type SigningKey, signingKey } from '../voucherify/signature.ts';
import type { Journal } from '../telemetry/telemetry.ts';
import { causeOf, createKeptSecret, type KeptSecret } from '../platform/cached-secret.ts';

/**
 * The keys that webhooks may be signed with, `newest` after a signature that did not match; none when
 * no secret is configured. Rejects when they cannot be read.
 */
export type SigningKeys = KeptSecret<readonly SigningKey[]>;

/** What is needed to know the keys. */
export interface WebhookKeysDeps {
  /** The secrets, one a line: two of them during a rotation. Rejects when they cannot be read. */
  readonly read: () => Promise<string>;
  readonly journal: Journal;
  readonly now: () => Date;
}

/** Keeps the keys of one execution environment. Every look for them that fails is told as trouble. */
export function createWebhookKeys({ read, journal, now }: WebhookKeysDeps): SigningKeys {
  return createKeptSecret({
    read,
    parse: keysIn,
    isEnough: (keys) => keys.length > 0,
    now,
    onRead(keys) {
      if (keys.length === 0) journal.trouble({ what: 'no_webhook_secret' });
    },
    onFailure(error, hasEarlier) {
      const what = hasEarlier ? 'webhook_secret_not_refreshed' : 'webhook_secret_unreadable';
      journal.trouble({ what, reason: causeOf(error) });
    },
  });
}

function keysIn(text: string): readonly SigningKey[] {
  const secrets = text.split('\n').map((line) => line.trim());
  return [...new Set(secrets)]
    .filter((secret) => secret !== '')
    .map((secret) => signingKey(secret));
}
