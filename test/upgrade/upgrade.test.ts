import { execFile } from 'node:child_process';
import { readdirSync } from 'node:fs';
import { cp, mkdir, mkdtemp, readdir, rm, symlink } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { buildPackage } from '../../lib/release/build-package.ts';
import { PROJECT_FOLDER } from '../local/support/fixture-function.ts';

// The projects of earlier releases: what a merchant wrote for that release, unchanged. Each has to work
// with the package as it is now. A folder stays, and none is ever changed.

const MINUTES = 300_000;
const PROJECTS = join(import.meta.dirname, 'projects');
const RELEASES = readdirSync(PROJECTS);

interface Ended {
  readonly code: number;
  readonly output: string;
}

let built: string;
beforeAll(async () => {
  built = await mkdtemp(join(tmpdir(), 'voucher-relay-built-'));
  await buildPackage(PROJECT_FOLDER, built);
}, MINUTES);
afterAll(() => rm(built, { recursive: true, force: true }));

describe.each(RELEASES)('the project of the release %s', (release) => {
  let folder: string;
  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'shop-relay-'));
    await cp(join(PROJECTS, release), folder, { recursive: true });
    const modules = join(PROJECT_FOLDER, 'node_modules');
    await mkdir(join(folder, 'node_modules'));
    for (const name of await readdir(modules)) {
      await symlink(join(modules, name), join(folder, 'node_modules', name));
    }
    // the package itself is a folder of its own: Node strips no types there
    await cp(built, join(folder, 'node_modules/voucher-relay'), { recursive: true });
  }, MINUTES);
  afterAll(() => rm(folder, { recursive: true, force: true }));

  const run = (script: string, ...options: readonly string[]): Promise<Ended> =>
    new Promise((resolve) => {
      execFile(
        process.execPath,
        [join(folder, 'node_modules', script), ...options],
        { cwd: folder, env: { ...process.env, NO_COLOR: '1', AWS_PROFILE: 'nobody' } },
        (error, stdout, stderr) =>
          resolve({ code: error === null ? 0 : Number(error.code ?? 1), output: stdout + stderr }),
      );
    });

  it('has the right types', async () => {
    expect(await run('typescript/bin/tsc')).toEqual({ code: 0, output: '' });
  });

  it(
    'passes its own tests',
    async () => {
      const { code, output } = await run('vitest/vitest.mjs', 'run');
      expect([code, output]).toEqual([0, expect.stringMatching(/Tests +4 passed/) as string]);
    },
    MINUTES,
  );

  it(
    'runs its demo',
    async () => {
      const { code, output } = await run('voucher-relay/lib/local/cli/voucher-relay.js', 'demo');
      expect([code, output]).toEqual([
        0,
        expect.stringMatching(
          /^webhook +response +id +consumers +crm +http +klaviyo +orders +/m,
        ) as string,
      ]);
      expect(output).toContain('all as expected');
    },
    MINUTES,
  );

  it.each(['prod', 'staging'])(
    'is packaged for the stage %s',
    async (stage) => {
      const { code, output } = await run('osls/bin/serverless.js', 'package', '--stage', stage);
      expect([code, output]).toEqual([0, expect.stringContaining('Service packaged') as string]);
    },
    MINUTES,
  );
});
