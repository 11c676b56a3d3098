import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import { text } from 'node:stream/consumers';
import { fileURLToPath } from 'node:url';

/** What a function wrote to its streams, and what it returned or threw for each event. */
export interface FunctionOutput {
  readonly output: string;
  readonly results: readonly unknown[];
}

/**
 * Calls a function in a process of its own at the log level DEBUG, once for each event.
 * @param name its file in functions/, without `.ts`
 * @param env its environment variables, besides the log level and credentials
 */
export async function runFunction(
  name: 'receive' | 'fan-out' | 'operator',
  env: { readonly [variable: string]: string },
  events: readonly object[],
): Promise<FunctionOutput> {
  const child = fork(
    fileURLToPath(new URL('function-process.ts', import.meta.url)),
    [new URL(`../../functions/${name}.ts`, import.meta.url).href, String(TIMEOUT_MS[name])],
    { silent: true, execArgv: ['--conditions=fixture'], env: { ...VERBOSE_ENV, ...env } },
  );
  const { stdout, stderr } = child;
  if (stdout === null || stderr === null) throw new Error('The process has no streams');
  const output = Promise.all([text(stdout), text(stderr)]);
  try {
    await nextMessage(child);
    const results: unknown[] = [];
    for (const event of events) {
      child.send(event);
      results.push(await nextMessage(child));
    }
    const exited = once(child, 'exit');
    child.disconnect();
    await exited;
    return { output: (await output).join('\n'), results };
  } finally {
    child.kill();
  }
}

/** fanOut waits for a destination that is down as long as it has time: little, here. */
const TIMEOUT_MS = { receive: 9_000, 'fan-out': 15_000, operator: 60_000 };
const VERBOSE_ENV = {
  POWERTOOLS_LOG_LEVEL: 'DEBUG',
  POWERTOOLS_LOGGER_LOG_EVENT: 'true',
  AWS_REGION: 'eu-west-1',
  AWS_ACCESS_KEY_ID: 'local',
  AWS_SECRET_ACCESS_KEY: 'local',
};

async function nextMessage(child: ChildProcess): Promise<unknown> {
  const exit = Promise.withResolvers<never>();
  const rejectOnExit = (code: number | null): void =>
    exit.reject(new Error(`The function's process ended with code ${code}`));
  child.once('exit', rejectOnExit);
  try {
    const [message] = (await Promise.race([once(child, 'message'), exit.promise])) as [unknown];
    return message;
  } finally {
    child.off('exit', rejectOnExit);
  }
}
