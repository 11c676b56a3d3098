import { fork } from 'node:child_process';
import { once } from 'node:events';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { RepeatJob, Measurement, RepeatMessage } from './measured/repeat.ts';

/** A bundle and its input, run in its own process. */
export interface WarmSubject {
  readonly bundle: string;
  readonly input: unknown;
  readonly env?: Readonly<Record<string, string>>;
}

/** Runs a subject many times in a new process. */
export type Repeat = (subject: WarmSubject, options: RepeatJob['options']) => Promise<Measurement>;

/**
 * Makes a `Repeat`.
 * @param runner the bundle of measured/repeat.ts
 * @param folder for the job files
 */
export function createRepeat(runner: string, folder: string): Repeat {
  let jobCount = 0;
  return async ({ bundle, input, env = {} }, options) => {
    jobCount += 1;
    const file = join(folder, `job-${jobCount}.json`);
    await writeFile(file, JSON.stringify({ bundle, input, options }));
    const child = fork(runner, [file], {
      env: { ...env },
      execArgv: ['--expose-gc'],
      stdio: ['ignore', 'ignore', 'ignore', 'ipc'],
    });
    const [message] = (await Promise.race([
      once(child, 'message'),
      once(child, 'exit').then(() => Promise.reject(new Error(`${bundle} ended unexpectedly`))),
    ])) as [RepeatMessage];
    if (child.exitCode === null) await once(child, 'exit');
    if (message.kind === 'failed') throw new Error(`${bundle} failed: ${message.text}`);
    return message;
  };
}
