import { type SigningKey, toSigningKey } from '../voucherify/signature.ts';
import type { Telemetry } from '../telemetry/telemetry.ts';
import { errorName } from '../error-name.ts';
import { createCachedSecret, type CachedSecret } from '../platform/cached-secret.ts';

/**
 * Returns the keys that webhooks may be signed with; an empty list when no secret is configured. After
 * a mismatch call it with `newest`. Rejects when they cannot be read.
 */
export type SigningKeys = CachedSecret<readonly SigningKey[]>;

/** The dependencies of `createSigningKeys`. */
export interface SigningKeysDeps {
  /** Returns the secrets, one per line: two during a rotation. Rejects when they cannot be read. */
  readonly read: () => Promise<string>;
  readonly telemetry: Telemetry;
  readonly now: () => Date;
}

/** Caches the keys for one execution environment. Every failed read is logged as an error. */
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
      telemetry.error({ code, cause: errorName(error) });
    },
  });
}

function parseKeys(text: string): readonly SigningKey[] {
  const secrets = text.split('\n').map((line) => line.trim());
  return [...new Set(secrets)]
    .filter((secret) => secret !== '')
    .map((secret) => toSigningKey(secret));
}
