import { createInterface } from 'node:readline/promises';
import { Writable } from 'node:stream';
import * as v from 'valibot';
import { WebhookSecretSchema } from '../../voucherify/webhook-secret.ts';
import { LOCAL_SECRET } from './paths.ts';
import { UsageError } from './run-cli.ts';

/** The environment variable with the signing secret for other machines. */
export const SECRET_VARIABLE = 'VOUCHERIFY_WEBHOOK_SECRET';

/**
 * Returns the secret to sign with: for this machine the local one; for any other address that of the
 * environment variable, else it is asked for. It is never an argument, because other users of the
 * machine can see arguments. Of several keys, as during a rotation, it is the first: the newest.
 * @throws UsageError when there is no variable and no terminal to ask, or when receive would refuse the
 * secret as malformed
 */
export async function readSigningSecret(url: URL, env: NodeJS.ProcessEnv): Promise<string> {
  if (isLoopback(url)) return LOCAL_SECRET;
  const fromEnvironment = env[SECRET_VARIABLE];
  if (fromEnvironment !== undefined && fromEnvironment !== '') {
    return parseFirstKey(fromEnvironment, SECRET_VARIABLE);
  }
  if (!process.stdin.isTTY) {
    throw new UsageError(`Set ${SECRET_VARIABLE} to the signing secret of ${url.host}.`);
  }
  const typed = await askHidden(
    `Signing secret of ${url.host} (in Voucherify: Project settings > Webhooks): `,
  );
  return parseFirstKey(typed, 'The secret');
}

/**
 * Checks the keys that `npm start` takes from the environment, so that a mistake is reported by that name.
 * @throws UsageError when receive would refuse them as malformed
 */
export function checkEnvironmentKeys(env: NodeJS.ProcessEnv): void {
  const keys = env[SECRET_VARIABLE] ?? '';
  if (keys !== '') parseFirstKey(keys, SECRET_VARIABLE);
}

/** Reads the secret as receive does, so that a mistake shows here and not as a 401. */
function parseFirstKey(text: string, name: string): string {
  const secret = v.safeParse(WebhookSecretSchema, text);
  if (!secret.success) {
    const issues = secret.issues.map(({ message }) => message).join('; ');
    throw new UsageError(`${name} is not the key of Project settings > Webhooks: ${issues}.`);
  }
  const [first] = secret.output;
  if (first === undefined) {
    throw new UsageError(`${name} is empty. The webhook cannot be signed without it.`);
  }
  return first;
}

/** Returns whether a URL is on this machine (loopback). */
export function isLoopback(url: URL): boolean {
  return /^(?:localhost|127(?:\.\d+){3}|\[::1\])$/.test(url.hostname);
}

async function askHidden(question: string): Promise<string> {
  process.stderr.write(question);
  const discardedOutput = new Writable({ write: (_chunk, _encoding, done) => done() });
  const terminal = createInterface({
    input: process.stdin,
    output: discardedOutput,
    terminal: true,
  });
  try {
    return (await terminal.question('')).trim();
  } finally {
    terminal.close();
    process.stderr.write('\n');
  }
}
