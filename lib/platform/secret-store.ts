import { SecretsProvider } from '@aws-lambda-powertools/parameters/secrets';
import { SSMProvider } from '@aws-lambda-powertools/parameters/ssm';
import * as v from 'valibot';

/**
 * Where secrets stand. `ssm`, SecureString parameters of the Systems Manager, costs nothing, but answers
 * only 40 calls a second in an account unless its higher throughput is switched on, which a burst of
 * cold starts can use up.
 */
export const SecretStoreSchema = v.pipe(
  v.optional(v.string(), ''),
  v.transform((text) => (text === '' ? 'secrets-manager' : text)),
  v.picklist(['secrets-manager', 'ssm'], 'is neither secrets-manager nor ssm'),
);
export type SecretStore = v.InferOutput<typeof SecretStoreSchema>;

/** Two attempts of a second: with the queue's own attempts they stay under the sender's 10 seconds. */
const CLIENT_CONFIG = {
  maxAttempts: 2,
  requestHandler: {
    connectionTimeout: 500,
    requestTimeout: 1_000,
    throwOnRequestTimeout: true,
  },
};

/**
 * Reads secrets by name, by Powertools Parameters. Whoever reads keeps what was read.
 *
 * Both clients are in the bundle and one of them is made: the second adds a sixth to receive's bundle
 * (125 KB). Importing it only when asked for would add half (360 KB), because esbuild, which writes one
 * file, then keeps what nobody uses of it.
 * @returns a function that rejects when the secret cannot be read or is not a text; the error may
 * hold the secret's name, so only its class may be told
 */
export function createSecretReader(store: SecretStore): (name: string) => Promise<string> {
  const read = store === 'ssm' ? ssmReader() : secretsManagerReader();
  return async (name) => {
    const secret = await read(name);
    if (typeof secret !== 'string') throw new TypeError('The secret is not a text');
    return secret;
  };
}

function secretsManagerReader(): (name: string) => Promise<unknown> {
  const provider = new SecretsProvider({ clientConfig: CLIENT_CONFIG });
  return (name) => provider.get(name, { forceFetch: true, maxAge: 0 });
}

function ssmReader(): (name: string) => Promise<unknown> {
  const provider = new SSMProvider({ clientConfig: CLIENT_CONFIG });
  return (name) => provider.get(name, { decrypt: true, forceFetch: true, maxAge: 0 });
}
