import { getSecret } from '@aws-lambda-powertools/parameters/secrets';
import { type SigningKey, signingKey } from '../voucherify/signature.ts';

const KEPT_FOR_SECONDS = 300;

/** Where the secret of the webhooks stands. */
export interface WebhookSecretSource {
  /** The secret itself: for a developer's machine, since whoever sees the function sees it too. */
  readonly text: string | null;
  /** Its name in AWS Secrets Manager, asked when there is no text. */
  readonly secretName: string | null;
}

/**
 * Reads the secrets that webhooks may be signed with, one a line: two of them during a rotation.
 * Powertools keeps what it read for five minutes.
 * @returns the keys that are valid now; none when no secret is configured
 * @throws (rejects) when the secret cannot be read
 */
export function createWebhookKeys(
  source: WebhookSecretSource,
): () => Promise<readonly SigningKey[]> {
  const prepared = new Map<string, SigningKey>();
  return async () => {
    const text = source.text ?? (await readSecret(source.secretName));
    const secrets = text.split('\n').map((line) => line.trim());
    return secrets.filter((secret) => secret !== '').map((secret) => keyOf(secret, prepared));
  };
}

async function readSecret(name: string | null): Promise<string> {
  if (name === null) return '';
  const secret = await getSecret(name, { maxAge: KEPT_FOR_SECONDS });
  if (typeof secret !== 'string') throw new Error('The webhook secret is not a text');
  return secret;
}

/** Preparing a key costs more than hashing a webhook with it (four times, on Node 24). */
function keyOf(secret: string, prepared: Map<string, SigningKey>): SigningKey {
  const key = prepared.get(secret) ?? signingKey(secret);
  prepared.set(secret, key);
  return key;
}
