import { formatError, type Functions } from './functions.ts';
import type { Build, Bundler } from './lambda/bundler.ts';
import type { LocalPipelineObserver } from './observer.ts';

/** Lets the functions run their new code whenever it changes; code with a fault is told and not taken. */
export async function reloadOnChange(
  bundler: Bundler,
  functions: Functions,
  observer: LocalPipelineObserver,
): Promise<void> {
  const applyBuild = async (build: Build): Promise<void> => {
    if (build.kind === 'faulty') {
      observer.onError?.(`${build.text}\nThe previous code keeps running.`);
      return;
    }
    const reloaded: string[] = [];
    for (const name of build.changed) {
      const error = await functions.get(name)?.reload(build.bundles.get(name) ?? '');
      if (error === null) reloaded.push(name);
      if (error !== null && error !== undefined) {
        observer.onError?.(
          `${name} cannot start.\n${formatError(error)}\nThe previous code keeps running.`,
        );
      }
    }
    if (reloaded.length > 0) observer.onReload?.(reloaded);
  };
  let last = Promise.resolve();
  await bundler.watch((build) => {
    last = last.then(() => applyBuild(build));
  });
}
