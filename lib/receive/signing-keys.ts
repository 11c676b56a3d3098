import { type SigningKey, toSigningKey } from '../voucherify/signature.ts';
import type { Telemetry } from '../telemetry/telemetry.ts';
import { errorName } from '../error-name.ts';
import { createCachedSecret, type CachedSecret } from '../platform/cached-secret.ts';

/**
 * The keys that webhooks may be signed with, `newest` after a signature that did not match; none when
 * no secret is configured. Rejects when they cannot be read.
 */
export type SigningKeys = CachedSecret<readonly SigningKey[]>;

/** What is needed to know the keys. */
export interface SigningKeysDeps {
  /** The secrets, one a line: two of them during a rotation. Rejects when they cannot be read. */
  readonly read: () => Promise<string>;
  readonly telemetry: Telemetry;
  readonly now: () => Date;
}

/** Keeps the keys of one execution environment. Every look for them that fails is told as trouble. */
export function createSigningKeys({ read, telemetry, now }: SigningKeysDeps): SigningKeys {
  return createCachedSecret({
    read,
    parse: parseKeys,
    isUsable: (keys) => keys.length > 0,
    now,
    onRefresh(keys) {
      if (keys.length === 0) telemetry.error({ code: 'webhook_secret_missing' });
    },
    onFailure(error, hasCached) {
      const code = hasCached ? 'webhook_secret_not_refreshed' : 'webhook_secret_unavailable';
      telemetry.error({ code, reason: errorName(error) });
    },
  });
}

function parseKeys(text: string): readonly SigningKey[] {
  const secrets = text.split('\n').map((line) => line.trim());
  return [...new Set(secrets)]
    .filter((secret) => secret !== '')
    .map((secret) => toSigningKey(secret));
}
