import { mkdir, readFile, rename, rm, stat, writeFile } from 'node:fs/promises';
import { dirname } from 'node:path';
import {
  MAX_HISTORY_CHARACTERS,
  parseHistory,
  type PastWebhook,
  serializeHistory,
} from '../state/history.ts';
import type { Store } from '../state/store.ts';

/** Keeps the newest webhooks over restarts, in a file on this machine. */
export interface HistoryFile {
  /** Fills the store. A file that is missing, or of another release, leaves it empty. */
  load(): Promise<void>;
  /** Removes all webhooks from the store, and the file. */
  clear(): Promise<void>;
  /** Writes the file for the last time. */
  stop(): Promise<void>;
}

/** The dependencies of `createHistoryFile`. */
export interface HistoryFileDeps {
  readonly store: Store;
  /** The path; null keeps nothing. */
  readonly path: string | null;
  readonly now: () => number;
  /** Receives what went wrong while the file was written. */
  readonly onError: (error: unknown) => void;
}

/** Seldom: what is lost when the process is killed is only shown, and nothing depends on it. */
const SAVE_INTERVAL_MS = 30_000;
/** A character takes up to three bytes in UTF-8. */
const MAX_BYTES = MAX_HISTORY_CHARACTERS * 3;
/** Bodies, codes and addresses are in it: nobody else on this machine may read it. */
const OWNER_ONLY = 0o600;

/** Creates the file's keeper. It writes only when something has changed. */
export function createHistoryFile({ store, path, now, onError }: HistoryFileDeps): HistoryFile {
  let savedRevision = store.revision();
  let saving = Promise.resolve();
  const write = async (target: string): Promise<void> => {
    const revision = store.revision();
    if (revision === savedRevision) return;
    const text = await serializeHistory(store, now());
    await mkdir(dirname(target), { recursive: true });
    // renamed, so that it is whole also when the process is killed meanwhile
    const draft = `${target}.${process.pid}`;
    await writeFile(draft, text, { mode: OWNER_ONLY });
    await rename(draft, target);
    savedRevision = revision;
  };
  const save = (): Promise<void> =>
    (saving = saving.then(() => (path === null ? undefined : write(path))).catch(onError));
  let timer: NodeJS.Timeout | null = null;
  return {
    async load() {
      if (path === null) return;
      store.restore((await read(path)) ?? []);
      savedRevision = store.revision();
      timer = setInterval(() => void save(), SAVE_INTERVAL_MS);
      // a start that fails ends, although nobody stops this
      timer.unref();
    },
    async clear() {
      await saving;
      store.clear();
      savedRevision = store.revision();
      if (path !== null) await rm(path, { force: true });
    },
    async stop() {
      if (timer === null) return;
      clearInterval(timer);
      timer = null;
      await save();
    },
  };
}

async function read(path: string): Promise<readonly PastWebhook[] | null> {
  const size = await stat(path).then(
    (stats) => stats.size,
    () => null,
  );
  if (size === null || size > MAX_BYTES) return null;
  return parseHistory(await readFile(path, 'utf8').catch(() => ''));
}
