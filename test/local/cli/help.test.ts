import { createHash } from 'node:crypto';
import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import * as v from 'valibot';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { PROJECT_FOLDER } from '../support/fixture-function.ts';
import { copyProject, type ProjectCopy } from '../support/project-copy.ts';

const ManifestSchema = v.pipe(
  v.string(),
  v.parseJson(),
  v.object({ scripts: v.record(v.string(), v.string()) }),
);
const { scripts } = v.parse(
  ManifestSchema,
  await readFile(join(PROJECT_FOLDER, 'package.json'), 'utf8'),
);
/** Every script of package.json that is one command of ours, with its file. */
const commands = Object.entries(scripts).flatMap(([name, command]) => {
  const file = /^node (\S+\.ts)$/.exec(command)?.[1];
  return file === undefined ? [] : [[name, file] as const];
});
const MANY_SECONDS = 60_000;

let project: ProjectCopy;
let before: ReadonlyMap<string, string>;
beforeAll(async () => {
  project = await copyProject('docs', 'test');
  before = await hashFiles(project.folder);
});
afterAll(async () => {
  await project.remove();
});

/** Returns the hash of every file of a folder, without the linked modules. */
async function hashFiles(folder: string): Promise<ReadonlyMap<string, string>> {
  const entries = await readdir(folder, { recursive: true, withFileTypes: true });
  const files = entries.filter((entry) => entry.isFile());
  return new Map(
    await Promise.all(
      files.map(async ({ parentPath, name }): Promise<[string, string]> => {
        const file = join(parentPath, name);
        return [
          file,
          createHash('sha256')
            .update(await readFile(file))
            .digest('hex'),
        ];
      }),
    ),
  );
}

test('the scripts of package.json are found', () => {
  expect(commands.map(([name]) => name)).toEqual(
    expect.arrayContaining(['start', 'demo', 'send', 'picture', 'bench', 'cost', 'schema']),
  );
});

describe.each(commands)('npm run %s', (name, file) => {
  test.each(['--help', '-h'])(
    '%s prints the usage, and changes no file',
    async () => {
      const { code, stdout, stderr } = await project.run(file, '--help');
      expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
      expect(stdout).toMatch(new RegExp(`^Usage: npm (?:run )?${name}\\b`));
      expect(await hashFiles(project.folder)).toEqual(before);
    },
    MANY_SECONDS,
  );

  test(
    'an unknown option prints what is wrong and the usage, and changes no file',
    async () => {
      const { code, stdout, stderr } = await project.run(file, '--bogus');
      expect({ code, stdout }).toEqual({ code: 2, stdout: '' });
      expect(stderr).toMatch(
        new RegExp(`^Unknown option '--bogus'\\.\\nUsage: npm (?:run )?${name}\\b`),
      );
      expect(stderr).not.toContain('    at ');
      expect(await hashFiles(project.folder)).toEqual(before);
    },
    MANY_SECONDS,
  );
});
