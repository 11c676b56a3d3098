import { execFile } from 'node:child_process';
import { readdirSync } from 'node:fs';
import { cp, mkdir, mkdtemp, readdir, readFile, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import * as v from 'valibot';
import { afterAll, beforeAll, describe, expect, it, onTestFinished } from 'vitest';
import { buildPackage } from '../../lib/release/build-package.ts';
import { PROJECT_FOLDER } from '../local/support/fixture-function.ts';

// The projects of earlier releases: what a merchant wrote for that release, unchanged. Each has to work
// with the package as it is now. A folder stays, and none is ever changed.

const MINUTES = 300_000;
const PROJECTS = join(import.meta.dirname, 'projects');
const RESOURCES = join(import.meta.dirname, 'resources');
const RELEASES = readdirSync(PROJECTS);

const ManifestSchema = v.object({ dependencies: v.record(v.string(), v.string()) });

interface Ended {
  readonly code: number;
  readonly output: string;
}

const TemplateSchema = v.object({
  Resources: v.record(
    v.string(),
    v.looseObject({ Type: v.string(), Properties: v.optional(v.looseObject({}), {}) }),
  ),
  Outputs: v.record(v.string(), v.unknown()),
});
/** What hold messages, rows and secrets, and the functions that others call, by logical id. */
const KeptSchema = v.object({
  resources: v.record(v.string(), v.object({ type: v.string(), name: v.string() })),
  outputs: v.array(v.string()),
});
const NameSchema = v.union([
  v.pipe(
    v.object({ QueueName: v.string() }),
    v.transform(({ QueueName }) => QueueName),
  ),
  v.pipe(
    v.object({ TableName: v.string() }),
    v.transform(({ TableName }) => TableName),
  ),
  v.pipe(
    v.object({ FunctionName: v.string() }),
    v.transform(({ FunctionName }) => FunctionName),
  ),
  v.pipe(
    v.object({ Name: v.string() }),
    v.transform(({ Name }) => Name),
  ),
]);

/** A project, and what it shows. */
interface Project {
  /** The release that it was written for; null for one that is created now. */
  readonly release: string | null;
  readonly name: string;
  readonly create: (parent: string) => Promise<Ended>;
  readonly folder: string;
  readonly tests: number;
  readonly columns: RegExp;
  readonly row: RegExp;
  readonly packaging: readonly (readonly string[])[];
}

function toName(properties: unknown): string | null {
  const parsed = v.safeParse(NameSchema, properties);
  return parsed.success ? parsed.output : null;
}

async function readJson(file: string): Promise<unknown> {
  return JSON.parse(await readFile(file, 'utf8')) as unknown;
}

const CLI = 'voucher-relay/lib/local/cli/voucher-relay.js';
const MODULES = join(PROJECT_FOLDER, 'node_modules');

let built: string;
beforeAll(async () => {
  const parent = await mkdtemp(join(tmpdir(), 'voucher-relay-built-'));
  await symlink(MODULES, join(parent, 'node_modules'));
  built = join(parent, 'voucher-relay');
  await buildPackage(PROJECT_FOLDER, built);
}, MINUTES);
afterAll(() => rm(join(built, '..'), { recursive: true, force: true }));

function run(cwd: string, file: string, ...options: readonly string[]): Promise<Ended> {
  return new Promise((resolve) => {
    execFile(
      process.execPath,
      [file, ...options],
      { cwd, env: { ...process.env, NO_COLOR: '1', AWS_PROFILE: 'nobody' } },
      (error, stdout, stderr) =>
        resolve({ code: error === null ? 0 : Number(error.code ?? 1), output: stdout + stderr }),
    );
  });
}

/** Installs the package and its dependencies in a project, as npm does. */
async function install(folder: string): Promise<void> {
  await mkdir(join(folder, 'node_modules'));
  for (const name of await readdir(MODULES)) {
    await symlink(join(MODULES, name), join(folder, 'node_modules', name));
  }
  // the package itself is a folder of its own: Node strips no types there
  await cp(built, join(folder, 'node_modules/voucher-relay'), { recursive: true });
}

const NEW: Project = {
  release: null,
  name: 'a new project',
  create: (folder: string) =>
    run(built, 'lib/local/cli/voucher-relay.js', 'create', join(folder, 'new-relay')),
  folder: 'new-relay',
  tests: 2,
  columns: /^webhook +response +id +consumers +http +result/m,
  row: /^code-percent-discount +202 queued +\S+( +received){2} +ok/m,
  packaging: [['--stage', 'prod', '--param=alarms=none']],
};
const toProject = (release: string): Project => ({
  release,
  name: `the project of the release ${release}`,
  create: async (folder: string) => {
    await cp(join(PROJECTS, release), join(folder, 'shop-relay'), { recursive: true });
    return { code: 0, output: '' };
  },
  folder: 'shop-relay',
  tests: 4,
  columns: /^webhook +response +id +consumers +crm +http +klaviyo +orders +result/m,
  // Klaviyo's requests do not name the record, and nothing reads the queue of orders for the demo
  row: /^code-percent-discount +202 queued +\S+( +received){5} +ok/m,
  packaging: [
    ['--stage', 'prod'],
    ['--stage', 'staging'],
  ],
});

describe.each([...RELEASES.map(toProject), NEW])(
  '$name',
  ({ create, folder: name, tests, columns, row, packaging, release }) => {
    let parent: string;
    let folder: string;
    const runHere = (script: string, ...options: readonly string[]): Promise<Ended> =>
      run(folder, join(folder, 'node_modules', script), ...options);

    beforeAll(async () => {
      parent = await mkdtemp(join(tmpdir(), 'projects-'));
      folder = join(parent, name);
      const { code, output } = await create(parent);
      if (code !== 0) throw new Error(output);
      await install(folder);
    }, MINUTES);
    afterAll(() => rm(parent, { recursive: true, force: true }));

    it('has the right types, and passes the lint', async () => {
      expect(await runHere('typescript/bin/tsc')).toEqual({ code: 0, output: '' });
      expect(await runHere('oxlint/bin/oxlint')).toMatchObject({ code: 0 });
    });

    it(
      'passes its own tests',
      async () => {
        const { code, output } = await runHere('vitest/vitest.mjs', 'run');
        const passed = expect.stringMatching(new RegExp(`Tests +${tests} passed`)) as string;
        expect([code, output]).toEqual([0, passed]);
      },
      MINUTES,
    );

    it(
      'runs its demo, which shows its destinations',
      async () => {
        const { code, output } = await runHere(CLI, 'demo');
        expect([code, output]).toEqual([0, expect.stringMatching(columns) as string]);
        expect(output).toMatch(row);
        expect(output).toContain('webhooks, nothing failed');
      },
      MINUTES,
    );

    it.each(packaging)(
      'is packaged with %s %s',
      async (...options) => {
        const { code, output } = await runHere('osls/bin/serverless.js', 'package', ...options);
        expect([code, output]).toEqual([0, expect.stringContaining('Service packaged') as string]);
        if (release === null || options[1] !== 'prod') return;
        // a resource that is renamed is replaced by a deploy, with all that it holds
        const template = join(folder, '.serverless/cloudformation-template-update-stack.json');
        const { Resources, Outputs } = v.parse(TemplateSchema, await readJson(template));
        const kept = v.parse(KeptSchema, await readJson(join(RESOURCES, `${release}.json`)));
        const now = Object.keys(kept.resources).map((id) => [
          id,
          { type: Resources[id]?.Type, name: toName(Resources[id]?.Properties) },
        ]);
        expect(Object.fromEntries(now)).toEqual(kept.resources);
        expect(Object.keys(Outputs)).toEqual(expect.arrayContaining([...kept.outputs]));
      },
      MINUTES,
    );
  },
);

describe('the package', () => {
  it('pins what it depends on, but what a project has a copy of', async () => {
    const manifest = v.parse(
      ManifestSchema,
      JSON.parse(await readFile(join(built, 'package.json'), 'utf8')),
    );
    const ranges = Object.entries(manifest.dependencies).filter(([, pin]) => !/^\d/.test(pin));
    expect(ranges).toEqual([['valibot', expect.stringMatching(/^\^\d/)]]);
  });

  it('has no TypeScript that Node would have to load', async () => {
    const files = await readdir(built, { recursive: true });
    const sources = files.filter((file) => /\.tsx?$/.test(file) && !file.endsWith('.d.ts'));
    expect(sources.filter((file) => !file.startsWith('template/'))).toEqual([]);
  });

  it('begins a project with a copy of its file, so that every clone of the project can install it', async () => {
    const parent = await mkdtemp(join(tmpdir(), 'projects-'));
    onTestFinished(() => rm(parent, { recursive: true, force: true }));
    await writeFile(join(parent, 'voucher-relay-9.9.9.tgz'), 'a package');
    const cli = join(built, 'lib/local/cli/voucher-relay.js');
    const options = ['--package', './voucher-relay-9.9.9.tgz'];
    expect(await run(parent, cli, 'create', 'card-relay', ...options)).toMatchObject({ code: 0 });
    const read = (name: string) => readFile(join(parent, 'card-relay', name), 'utf8');
    expect(await read('vendor/voucher-relay-9.9.9.tgz')).toBe('a package');
    const manifest = await read('package.json');
    expect(manifest).toContain('"voucher-relay": "file:vendor/voucher-relay-9.9.9.tgz"');
    // in the order of the template
    expect(manifest).toMatch(/^{\n {2}"name": "card-relay",\n {2}"version": "1.0.0",/);
  });

  it('creates no project in a folder that has files, and says what a wrong name is', async () => {
    const bin = 'lib/local/cli/voucher-relay.js';
    expect(await run(built, bin, 'create', built)).toMatchObject({
      code: 1,
      output: expect.stringContaining('is not empty') as string,
    });
    expect(await run(built, bin, 'create', join(built, 'My Relay'))).toMatchObject({
      code: 2,
      output: expect.stringContaining('cannot be the name of an npm package') as string,
    });
    expect(await run(built, bin, 'dmeo')).toMatchObject({
      code: 2,
      output: expect.stringContaining('Commands: create, start, demo') as string,
    });
  });
});
