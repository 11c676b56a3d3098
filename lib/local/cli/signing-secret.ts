import { createInterface } from 'node:readline/promises';
import { Writable } from 'node:stream';
import { LOCAL_SECRET } from './paths.ts';
import { UsageError } from './run-cli.ts';

/** The variable in which a secret is handed to the tools. */
export const SECRET_VARIABLE = 'VOUCHERIFY_WEBHOOK_SECRET';

/**
 * The secret to sign with: the local one for this machine, for any other address the one of the
 * environment, else what is typed. It is never an argument, which other users of the machine could see.
 * @throws UsageError when there is neither a variable nor somebody to type
 */
export async function readSigningSecret(url: URL, env: NodeJS.ProcessEnv): Promise<string> {
  if (isLoopback(url)) return LOCAL_SECRET;
  const fromEnvironment = env[SECRET_VARIABLE];
  if (fromEnvironment !== undefined && fromEnvironment !== '') return fromEnvironment;
  if (!process.stdin.isTTY) {
    throw new UsageError(`Set ${SECRET_VARIABLE} to the secret of ${url.host}.`);
  }
  const typed = await askHidden(`Secret of ${url.host} (Project settings > Webhooks): `);
  if (typed === '') throw new UsageError('Without a secret nothing can be signed.');
  return typed;
}

/** Says whether an address is on this machine. */
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
