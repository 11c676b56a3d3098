import { faultText, type Functions } from './functions.ts';
import type { Build, Bundler } from './lambda/bundler.ts';
import type { PipelineObserver } from './observer.ts';

/** Lets the functions run their new code whenever it changes; code with a fault is told and not taken. */
export async function reloadOnChange(
  bundler: Bundler,
  functions: Functions,
  observer: PipelineObserver,
): Promise<void> {
  const take = async (build: Build): Promise<void> => {
    if (build.kind === 'faulty') {
      observer.onTrouble?.(`${build.text}\nThe code from before goes on running.`);
      return;
    }
    const reloaded: string[] = [];
    for (const name of build.changed) {
      const error = await functions.get(name)?.recycle(build.bundles.get(name) ?? '');
      if (error === null) reloaded.push(name);
      if (error !== null && error !== undefined) {
        observer.onTrouble?.(
          `${name} cannot start.\n${faultText(error)}\nThe code from before goes on running.`,
        );
      }
    }
    if (reloaded.length > 0) observer.onReload?.(reloaded);
  };
  let last = Promise.resolve();
  await bundler.watch((build) => {
    last = last.then(() => take(build));
  });
}
