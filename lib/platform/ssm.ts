import { GetParameterCommand, SSMClient } from '@aws-sdk/client-ssm';
import { SECRET_DEADLINE_MS, SECRET_TIMEOUTS } from './aws-timeouts.ts';
import { withDeadline } from './deadline.ts';
import { type FetchSecret, requireString } from './fetch-secret.ts';

/**
 * A `FetchSecret` for SecureString parameters of Systems Manager, which it decrypts. They cost nothing.
 * But an account may read only 40 a second unless its higher throughput is switched on, and a burst of
 * cold starts can use that up.
 */
export function createSecretFetcher(): FetchSecret {
  const client = new SSMClient(SECRET_TIMEOUTS);
  return async (name) => {
    const command = new GetParameterCommand({ Name: name, WithDecryption: true });
    const { Parameter } = await withDeadline(SECRET_DEADLINE_MS, (abortSignal) =>
      client.send(command, { abortSignal }),
    );
    return requireString(Parameter?.Value);
  };
}
