import { fork } from 'node:child_process';
import { once } from 'node:events';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Order, Repeated, Report } from './measured/repeat.ts';

/** One subject in a process of its own. */
export interface WarmSubject {
  readonly bundle: string;
  readonly input: unknown;
  readonly env?: Readonly<Record<string, string>>;
}

/** Repeats subjects, each time in a new process. */
export type Repeat = (subject: WarmSubject, how: Order['how']) => Promise<Repeated>;

/**
 * @param runner the bundle of measured/repeat.ts
 * @param folder where orders can be written
 */
export function repeatIn(runner: string, folder: string): Repeat {
  let orders = 0;
  return async ({ bundle, input, env = {} }, how) => {
    orders += 1;
    const file = join(folder, `order-${orders}.json`);
    await writeFile(file, JSON.stringify({ bundle, input, how }));
    const child = fork(runner, [file], {
      env: { ...env },
      execArgv: ['--expose-gc'],
      stdio: ['ignore', 'ignore', 'ignore', 'ipc'],
    });
    const [message] = (await Promise.race([
      once(child, 'message'),
      once(child, 'exit').then(() => Promise.reject(new Error(`${bundle} ended unasked`))),
    ])) as [Report];
    if (child.exitCode === null) await once(child, 'exit');
    if (message.kind === 'failed') throw new Error(`${bundle} failed: ${message.text}`);
    return message;
  };
}
