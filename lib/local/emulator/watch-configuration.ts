import { unwatchFile, watchFile } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';

/** Watches serverless.yml and the files that it includes. */
export interface ConfigurationWatch {
  /** The files that differ from what they were when the watch began, relative to the project folder. */
  changedFiles(): readonly string[];
  /** Adds something else that is used only at the start to the files, or removes it. */
  setChanged(name: string, isChanged: boolean): void;
  stop(): void;
}

const CONFIGURATION_FILE = 'serverless.yml';
/** A variable of osls that includes a file; the path ends at an address in the file, or at a fallback. */
const INCLUDED_FILE = /\$\{file\(([^()${}]+)\)/g;
/** Polling notices every change, also of an editor that replaces the file, on every file system. */
const POLL_INTERVAL_MS = 500;

/**
 * Begins to watch. The local pipeline reads serverless.yml only when it starts: queues and the functions'
 * environments cannot change while it runs.
 * @param onChange called after each change with all files that differ by then; with none when the last
 * difference is gone
 */
export async function watchConfiguration(
  projectFolder: string,
  onChange: (changedFiles: readonly string[]) => void,
): Promise<ConfigurationWatch> {
  const textsAtStart = await readConfigurationFiles(projectFolder);
  const changed = new Set<string>();
  const setChanged = (name: string, isChanged: boolean): void => {
    if (isChanged === changed.has(name)) return;
    if (isChanged) changed.add(name);
    else changed.delete(name);
    onChange([...changed]);
  };
  const compare = async (file: string): Promise<void> => {
    setChanged(file, (await readText(projectFolder, file)) !== textsAtStart.get(file));
  };
  const watched = [...textsAtStart.keys()].map((file) => {
    const path = join(projectFolder, file);
    const listener = (): void => void compare(file);
    watchFile(path, { interval: POLL_INTERVAL_MS, persistent: false }, listener);
    return { path, listener };
  });
  return {
    changedFiles: () => [...changed],
    setChanged,
    stop() {
      for (const { path, listener } of watched) unwatchFile(path, listener);
    },
  };
}

/** Says what to do about files that have changed since the start. */
export function describeConfigurationChange(changedFiles: readonly string[]): string {
  const verb = changedFiles.length === 1 ? 'has' : 'have';
  return `${changedFiles.join(' and ')} ${verb} changed since the start, and nothing of the change is used yet. Stop with Ctrl-C and run npm start again.`;
}

/** Reads serverless.yml and, in turn, each file that a read file includes. Null for a file that does not exist. */
export async function readConfigurationFiles(
  projectFolder: string,
): Promise<ReadonlyMap<string, string | null>> {
  const texts = new Map<string, string | null>();
  const files = [CONFIGURATION_FILE];
  for (const file of files) {
    if (texts.has(file)) continue;
    const text = await readText(projectFolder, file);
    texts.set(file, text);
    for (const [, path = ''] of (text ?? '').matchAll(INCLUDED_FILE)) {
      files.push(path.trim().replace(/^\.\//, ''));
    }
  }
  return texts;
}

function readText(projectFolder: string, file: string): Promise<string | null> {
  return readFile(join(projectFolder, file), 'utf8').catch(() => null);
}
