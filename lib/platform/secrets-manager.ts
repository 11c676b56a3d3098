import { GetSecretValueCommand, SecretsManagerClient } from '@aws-sdk/client-secrets-manager';
import { SECRET_DEADLINE_MS, SECRET_TIMEOUTS } from './aws-timeouts.ts';
import { withDeadline } from './deadline.ts';
import { type FetchSecret, requireString } from './fetch-secret.ts';

/** A `FetchSecret` for Secrets Manager. The secret must be a text (`SecretString`), not binary. */
export function createSecretFetcher(): FetchSecret {
  const client = new SecretsManagerClient(SECRET_TIMEOUTS);
  return async (name) => {
    const command = new GetSecretValueCommand({ SecretId: name });
    const { SecretString } = await withDeadline(SECRET_DEADLINE_MS, (abortSignal) =>
      client.send(command, { abortSignal }),
    );
    return requireString(SecretString);
  };
}
