import { SecretsProvider } from '@aws-lambda-powertools/parameters/secrets';
import { type ReadSecret, SECRET_CLIENT_CONFIG, textOf } from './secret-reader.ts';

/** Reads secrets of Secrets Manager, by Powertools Parameters. */
export function createSecretReader(): ReadSecret {
  const provider = new SecretsProvider({ clientConfig: SECRET_CLIENT_CONFIG });
  return async (name) => textOf(await provider.get(name, { forceFetch: true, maxAge: 0 }));
}
