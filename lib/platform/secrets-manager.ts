import { GetSecretValueCommand, SecretsManagerClient } from '@aws-sdk/client-secrets-manager';
import { SECRET_TIMEOUTS } from './aws-timeouts.ts';
import { type FetchSecret, requireString } from './fetch-secret.ts';

/** A `FetchSecret` for Secrets Manager. The secret must be a text (`SecretString`), not binary. */
export function createSecretFetcher(): FetchSecret {
  const client = new SecretsManagerClient(SECRET_TIMEOUTS);
  return async (name) => {
    const { SecretString } = await client.send(new GetSecretValueCommand({ SecretId: name }));
    return requireString(SecretString);
  };
}
