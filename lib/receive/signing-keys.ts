import * as v from 'valibot';
import { type SigningKey, toSigningKey } from '../voucherify/signature.ts';
import { WebhookSecretSchema } from '../voucherify/webhook-secret.ts';
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

/**
 * Caches the keys for one execution environment. Every failed read is logged as an error. A malformed
 * secret counts as one that cannot be read: an older one stays in use, because whoever rotates a key
 * wrongly must not stop a campaign. An empty secret is no mistake of that kind: it leaves no key.
 */
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
      if (error instanceof MalformedSecretError) {
        telemetry.error({ code: 'webhook_secret_malformed', issues: error.issues });
        return;
      }
      const code = hasCached ? 'webhook_secret_not_refreshed' : 'webhook_secret_unavailable';
      telemetry.error({ code, cause: errorName(error) });
    },
  });
}

/** The secret is not one plausible key a line. The issues name lines and contain nothing of the secret. */
class MalformedSecretError extends Error {
  override readonly name = 'MalformedSecretError';
  readonly issues: readonly string[];

  constructor(issues: readonly string[]) {
    super('The webhook secret is malformed');
    this.issues = issues;
  }
}

function parseKeys(text: string): readonly SigningKey[] {
  const secret = v.safeParse(WebhookSecretSchema, text);
  if (!secret.success) throw new MalformedSecretError(secret.issues.map(({ message }) => message));
  return secret.output.map((key) => toSigningKey(key));
}
