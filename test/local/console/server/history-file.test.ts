import { mkdtemp, readdir, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import {
  createHistoryFile,
  type HistoryFile,
} from '../../../../lib/local/console/server/history-file.ts';
import { createStore, type Store } from '../../../../lib/local/console/state/store.ts';

let folder: string;
let path: string;
let errors: unknown[];
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'history-'));
  path = join(folder, '.local', 'console-history.json');
  errors = [];
});
afterEach(() => rm(folder, { recursive: true, force: true }));

async function start(file: string | null = path): Promise<{ store: Store; history: HistoryFile }> {
  const store = createStore();
  const history = createHistoryFile({
    store,
    path: file,
    now: () => 1,
    onError: (error) => errors.push(error),
  });
  await history.load();
  return { store, history };
}

function receive(store: Store, key: string): void {
  store.addWebhook({
    key,
    number: store.nextNumber(),
    at: 0,
    ms: 1,
    path: '/',
    headers: {},
    body: '{}',
    bytes: 2,
    truncatedCharacters: 0,
    isBase64: false,
    signatureStatus: 'raw',
    httpStatus: 202,
    log: null,
    isPast: false,
  });
}

const keysOf = (store: Store): string[] => store.webhooks().map(({ key }) => key);

describe('the history file', () => {
  it('is written at the end, and read at the next start', async () => {
    const first = await start();
    receive(first.store, 'a');
    await first.history.stop();
    const second = await start();
    expect(keysOf(second.store)).toEqual(['a']);
    receive(second.store, 'b');
    await second.history.stop();
    expect(keysOf((await start()).store)).toEqual(['a', 'b']);
    expect(await readdir(join(folder, '.local'))).toEqual(['console-history.json']);
  });

  it('can be read by its owner only', async () => {
    const { store, history } = await start();
    receive(store, 'a');
    await history.stop();
    expect((await stat(path)).mode & 0o077).toBe(0);
  });

  it('is not written when nothing has changed', async () => {
    const { history } = await start();
    await history.stop();
    await expect(readFile(path)).rejects.toThrow('ENOENT');
  });

  it('is removed when the list is cleared, and written again with what comes then', async () => {
    const first = await start();
    receive(first.store, 'a');
    await first.history.stop();
    const second = await start();
    await second.history.clear();
    expect(keysOf(second.store)).toEqual([]);
    await expect(readFile(path)).rejects.toThrow('ENOENT');
    receive(second.store, 'b');
    await second.history.stop();
    expect(keysOf((await start()).store)).toEqual(['b']);
  });

  it('of another release is ignored, and replaced', async () => {
    const first = await start();
    receive(first.store, 'a');
    await first.history.stop();
    await writeFile(path, '{"version":99}');
    const second = await start();
    expect(keysOf(second.store)).toEqual([]);
    receive(second.store, 'b');
    await second.history.stop();
    expect(keysOf((await start()).store)).toEqual(['b']);
  });

  it('that cannot be written is reported, and nothing is thrown', async () => {
    await writeFile(join(folder, '.local'), 'a file where the folder has to be');
    const { store, history } = await start();
    receive(store, 'a');
    await history.stop();
    expect(errors).toHaveLength(1);
  });

  it('is not there without a path', async () => {
    const { store, history } = await start(null);
    receive(store, 'a');
    await history.stop();
    await history.clear();
    expect(keysOf(store)).toEqual([]);
    expect(await readdir(folder)).toEqual([]);
  });
});
