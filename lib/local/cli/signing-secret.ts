import { createInterface } from 'node:readline/promises';
import { Writable } from 'node:stream';
import { LOCAL_SECRET } from './paths.ts';
import { UsageError } from './run-cli.ts';

/** The environment variable with the signing secret for other machines. */
export const SECRET_VARIABLE = 'VOUCHERIFY_WEBHOOK_SECRET';

/**
 * Returns the secret to sign with: for this machine the local one; for any other address that of the
 * environment variable, else it is asked for. It is never an argument, because other users of the
 * machine can see arguments.
 * @throws UsageError when there is no variable and no terminal to ask
 */
export async function readSigningSecret(url: URL, env: NodeJS.ProcessEnv): Promise<string> {
  if (isLoopback(url)) return LOCAL_SECRET;
  const fromEnvironment = env[SECRET_VARIABLE];
  if (fromEnvironment !== undefined && fromEnvironment !== '') return fromEnvironment;
  if (!process.stdin.isTTY) {
    throw new UsageError(`Set ${SECRET_VARIABLE} to the signing secret of ${url.host}.`);
  }
  const typed = await askHidden(
    `Signing secret of ${url.host} (in Voucherify: Project settings > Webhooks): `,
  );
  if (typed === '')
    throw new UsageError('The secret is empty. The webhook cannot be signed without it.');
  return typed;
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
