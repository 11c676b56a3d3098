import { SecretsProvider } from '@aws-lambda-powertools/parameters/secrets';
import { SECRET_TIMEOUTS } from './aws-timeouts.ts';
import { type FetchSecret, requireString } from './fetch-secret.ts';

/** Reads secrets of Secrets Manager, by Powertools Parameters. */
export function createSecretFetcher(): FetchSecret {
  const provider = new SecretsProvider({ clientConfig: SECRET_TIMEOUTS });
  return async (name) => requireString(await provider.get(name, { forceFetch: true, maxAge: 0 }));
}
