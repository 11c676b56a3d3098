import { SSMProvider } from '@aws-lambda-powertools/parameters/ssm';
import { SECRET_LIMITS } from './aws-timeouts.ts';
import { type ReadSecret, textOf } from './fetch-secret.ts';

/**
 * Reads SecureString parameters of the Systems Manager, by Powertools Parameters. They cost nothing, but
 * are answered only 40 times a second in an account unless its higher throughput is switched on, which
 * a burst of cold starts can use up.
 */
export function createSecretReader(): ReadSecret {
  const provider = new SSMProvider({ clientConfig: SECRET_LIMITS });
  return async (name) =>
    textOf(await provider.get(name, { decrypt: true, forceFetch: true, maxAge: 0 }));
}
