import { execFile } from 'node:child_process';
import { cp, mkdir, mkdtemp, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join, resolve } from 'node:path';
import { pathToFileURL } from 'node:url';
import { promisify } from 'node:util';
import type { CodeBlock } from './code-blocks.ts';

const PROJECT = resolve(import.meta.dirname, '../..');
const MAPPINGS = 'functions/mappings.ts';
const VITEST = join(PROJECT, 'node_modules/vitest/vitest.mjs');
const TSC = join(PROJECT, 'node_modules/.bin/tsc');

/** A folder outside of the project, laid out like it, with the blocks of a document as its files. */
export async function createDocsProject(blocks: readonly CodeBlock[]) {
  const folder = await mkdtemp(join(tmpdir(), 'documented-'));
  for (const shared of ['lib', 'node_modules', 'events']) {
    await symlink(join(PROJECT, shared), join(folder, shared));
  }
  await cp(join(PROJECT, MAPPINGS), join(folder, MAPPINGS));
  for (const { file, text } of blocks) {
    await mkdir(dirname(join(folder, file)), { recursive: true });
    await writeFile(join(folder, file), text);
  }
  const files = blocks.map(({ file }) => file);
  await writeFile(
    join(folder, 'package.json'),
    '{"name":"voucher-relay","type":"module","exports":{".":"./lib/sdk.ts","./testing":"./lib/testing.ts"}}',
  );
  await writeFile(
    join(folder, 'tsconfig.json'),
    JSON.stringify({ extends: join(PROJECT, 'tsconfig.json'), include: [], files }),
  );

  return {
    /** What the compiler has to say about the files; nothing when they are right. */
    async findTypeErrors(): Promise<string> {
      const run = promisify(execFile)(TSC, ['--project', folder]);
      return run.then(
        ({ stdout }) => stdout,
        (failure: { stdout: string }) => failure.stdout,
      );
    },
    /** Runs the tests among the files, as npm test of a merchant's project does. */
    async runTests(): Promise<string> {
      const environment = { ...process.env, NO_COLOR: '1', VITEST: undefined };
      const options = { cwd: folder, env: environment };
      return promisify(execFile)(process.execPath, [VITEST, 'run'], options).then(
        ({ stdout }) => stdout,
        (failure: { stdout: string; stderr: string }) => failure.stdout + failure.stderr,
      );
    },
    /** Imports one of the files. */
    load: (file: string): Promise<unknown> => import(pathToFileURL(join(folder, file)).href),
    path: (file: string): string => join(folder, file),
    close: () => rm(folder, { recursive: true }),
  };
}
