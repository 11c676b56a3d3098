import { execFile } from 'node:child_process';
import { cp, mkdtemp, readFile, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import * as sdk from '../../lib/sdk.ts';
import { EXPORTS } from './surface.ts';

const PROJECT = resolve(import.meta.dirname, '../..');
const TSC = join(PROJECT, 'node_modules/.bin/tsc');

/** A change that a release must not make unnoticed: a file of lib/, and what it says instead. */
const BREAKING_CHANGES = [
  ['an option is renamed', 'destinations/destination.ts', 'timeoutMs?: number', 'timeout?: number'],
  [
    'an option becomes required',
    'destinations/http-destination.ts',
    'onNoResponse?:',
    'onNoResponse:',
  ],
  ['a limit is renamed', 'destinations/queue-settings.ts', 'perMinute:', 'perMin:'],
  ['a parameter has another type', 'destinations/http-request.ts', '(user: string,', '(user: 1,'],
  ['an export is gone', 'sdk.ts', 'stageParameter }', 'stageParameter as parameter }'],
  ['a type is gone', 'sdk.ts', 'type { SecretOptions,', 'type { SecretOptions as Options,'],
  ['a value is narrowed', 'destinations/declaration.ts', 'Target = string | ', 'Target = '],
] as const;

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'surface-'));
  for (const name of ['lib', 'test/sdk/surface.ts']) {
    await cp(join(PROJECT, name), join(folder, name), { recursive: true });
  }
  await symlink(join(PROJECT, 'node_modules'), join(folder, 'node_modules'));
  await writeFile(join(folder, 'package.json'), '{"type":"module"}');
  await writeFile(
    join(folder, 'tsconfig.json'),
    JSON.stringify({
      extends: join(PROJECT, 'tsconfig.json'),
      include: [],
      files: ['test/sdk/surface.ts'],
    }),
  );
});
afterAll(() => rm(folder, { recursive: true }));

/** The compiler's errors about the promised surface; an empty text when lib/ keeps it. */
function findTypeErrors(): Promise<string> {
  return promisify(execFile)(TSC, ['--project', folder]).then(
    ({ stdout }) => stdout,
    (failure: { stdout: string }) => failure.stdout,
  );
}

describe('what lib/sdk.ts promises to merchants’ files', () => {
  it('is exported: every promised name and no other', () => {
    expect(Object.keys(sdk).sort()).toEqual(Object.keys(EXPORTS).sort());
  });

  it('has the promised types', async () => {
    expect(await findTypeErrors()).toBe('');
  });

  it.each(BREAKING_CHANGES)('is found broken when %s', async (_change, name, before, after) => {
    const file = join(folder, 'lib', name);
    const source = await readFile(file, 'utf8');
    expect(source).toContain(before);
    await writeFile(file, source.replaceAll(before, after));
    expect(await findTypeErrors()).toContain('test/sdk/surface.ts');
    await writeFile(file, source);
  });
});
