import { mkdir, mkdtemp, readdir, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { isProcessAlive } from '../process-alive.ts';

/**
 * Makes a new folder for the bundles of this process, inside the project so that a module which is left
 * out of a bundle is found from there. Folders of processes that were killed are removed.
 */
export async function openBuildFolder(projectFolder: string): Promise<string> {
  const parent = join(projectFolder, '.local');
  await mkdir(parent, { recursive: true });
  for (const name of await readdir(parent)) {
    const pid = /^build-(\d+)-/.exec(name)?.[1];
    if (pid !== undefined && !isProcessAlive(Number(pid))) {
      await rm(join(parent, name), { recursive: true, force: true });
    }
  }
  return mkdtemp(join(parent, `build-${process.pid}-`));
}
