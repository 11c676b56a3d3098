import { spawn } from 'node:child_process';
import { cp, mkdtemp, readFile, realpath, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, relative } from 'node:path';
import * as v from 'valibot';

/** What is not copied: it is large, linked instead, or made by earlier runs. */
const NOT_COPIED = /^(?:node_modules|\.git|\.local|\.serverless|\.esbuild)(?:\/|$)/;
/** One worker for all files: most of the time of a short test file is the start of its worker. */
const VITEST = ['vitest/vitest.mjs', 'run', '--maxWorkers=1', '--no-isolate'];
const REPORT = 'mutation-report.json';
/** Longer than all tests take together, or the compiler. */
const MAX_SECONDS = 1_200;

/** A copy of the project in which files can be changed. */
export interface WorkCopy {
  readonly write: (file: string, source: string) => Promise<void>;
  /**
   * Runs these test files, and stops at the first that fails. Resolves to whether all passed in time: a
   * change can make a program run for ever.
   */
  readonly runTests: (files: readonly string[], maxSeconds: number) => Promise<boolean>;
  /** Runs all of these test files. Resolves to the seconds that each took that passed. */
  readonly timeTests: (files: readonly string[]) => Promise<ReadonlyMap<string, number>>;
  /** Resolves to whether the compiler accepts the project. */
  readonly compiles: () => Promise<boolean>;
  readonly remove: () => Promise<void>;
}

/** Copies the project, so that its own files are never changed, whatever ends the run. */
export async function createWorkCopy(projectFolder: string): Promise<WorkCopy> {
  const folder = await mkdtemp(join(tmpdir(), 'voucher-relay-mutation-'));
  await cp(projectFolder, folder, {
    recursive: true,
    filter: (path) => !NOT_COPIED.test(relative(projectFolder, path)),
  });
  await symlink(join(projectFolder, 'node_modules'), join(folder, 'node_modules'));
  const run = (words: readonly string[], maxSeconds = MAX_SECONDS): Promise<boolean> =>
    runCommand(folder, words, maxSeconds * 1_000);
  return {
    write: (file, source) => writeFile(join(folder, file), source),
    runTests: async (files, maxSeconds) =>
      files.length === 0 || run([...VITEST, '--bail=1', ...files], maxSeconds),
    timeTests: async (files) => {
      await run([...VITEST, '--reporter=json', `--outputFile=${REPORT}`, ...files]);
      return readDurations(folder);
    },
    compiles: () => run(['typescript/lib/tsc.js']),
    remove: () => rm(folder, { recursive: true, force: true }),
  };
}

const ReportSchema = v.object({
  testResults: v.array(
    v.object({
      name: v.string(),
      status: v.string(),
      startTime: v.number(),
      endTime: v.number(),
    }),
  ),
});

/** Reads how many seconds each test file took that passed, from the report of the last run. */
async function readDurations(folder: string): Promise<ReadonlyMap<string, number>> {
  const report: unknown = JSON.parse(await readFile(join(folder, REPORT), 'utf8'));
  const root = await realpath(folder);
  const passed = v
    .parse(ReportSchema, report)
    .testResults.filter(({ status }) => status === 'passed');
  return new Map(
    passed.map(({ name, startTime, endTime }) => [
      relative(root, name),
      (endTime - startTime) / 1_000,
    ]),
  );
}

/** Runs a module of node_modules in its own process group, so that nothing of it is left at the end. */
async function runCommand(
  folder: string,
  [module = '', ...words]: readonly string[],
  maxMs: number,
): Promise<boolean> {
  const command = join(folder, 'node_modules', module);
  const child = spawn(process.execPath, [command, ...words], {
    cwd: folder,
    stdio: 'ignore',
    detached: true,
  });
  const end = (): void => {
    try {
      if (child.pid !== undefined) process.kill(-child.pid, 'SIGKILL');
    } catch {
      // it has ended
    }
  };
  const timer = setTimeout(end, maxMs);
  process.once('exit', end);
  const { promise, resolve } = Promise.withResolvers<boolean>();
  child.once('exit', (code) => resolve(code === 0));
  child.once('error', () => resolve(false));
  const isGood = await promise;
  clearTimeout(timer);
  process.removeListener('exit', end);
  end();
  return isGood;
}
