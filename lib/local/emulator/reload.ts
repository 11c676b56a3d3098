import { formatError, type Functions } from './functions.ts';
import type { Build, Bundler } from './lambda/bundler.ts';
import type { LocalPipelineObserver } from './observer.ts';

/**
 * Reloads each function when its code changes. Code that cannot be built or loaded is reported, and the
 * previous code stays.
 * @param mayReload whether code can be used now; a function whose code cannot is reloaded by a later build
 */
export async function reloadOnChange(
  bundler: Bundler,
  functions: Functions,
  observer: LocalPipelineObserver,
  mayReload: () => Promise<boolean>,
): Promise<void> {
  const outdated = new Set<string>();
  const applyBuild = async (build: Build): Promise<void> => {
    if (build.kind === 'failed') {
      observer.onError?.(`${build.text}\nThe previous code keeps running.`);
      return;
    }
    for (const name of build.changed) outdated.add(name);
    if (!(await mayReload())) return;
    const reloaded: string[] = [];
    for (const name of outdated) {
      outdated.delete(name);
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
