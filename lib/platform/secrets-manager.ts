import { SecretsProvider } from '@aws-lambda-powertools/parameters/secrets';
import { SECRET_LIMITS } from './aws-timeouts.ts';
import { type ReadSecret, textOf } from './fetch-secret.ts';

/** Reads secrets of Secrets Manager, by Powertools Parameters. */
export function createSecretReader(): ReadSecret {
  const provider = new SecretsProvider({ clientConfig: SECRET_LIMITS });
  return async (name) => textOf(await provider.get(name, { forceFetch: true, maxAge: 0 }));
}
