import { SSMProvider } from '@aws-lambda-powertools/parameters/ssm';
import { SECRET_TIMEOUTS } from './aws-timeouts.ts';
import { type FetchSecret, requireString } from './fetch-secret.ts';

/**
 * Reads SecureString parameters of the Systems Manager, by Powertools Parameters. They cost nothing, but
 * are answered only 40 times a second in an account unless its higher throughput is switched on, which
 * a burst of cold starts can use up.
 */
export function createSecretFetcher(): FetchSecret {
  const provider = new SSMProvider({ clientConfig: SECRET_TIMEOUTS });
  return async (name) =>
    requireString(await provider.get(name, { decrypt: true, forceFetch: true, maxAge: 0 }));
}
