import { readFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { build } from 'esbuild';
import { beforeAll, describe, expect, it } from 'vitest';
import { toEsbuildOptions } from '../../lib/local/emulator/lambda/bundle-settings.ts';
import { readFixtureStack } from '../../lib/local/emulator/fixture-stack.ts';
import type { Stack } from '../../lib/local/emulator/stack.ts';
import { PROJECT_FOLDER } from '../../lib/local/cli/paths.ts';
import { packageStack } from '../support/packaged-stack.ts';
import { readZipEntries } from '../../lib/stack/zip-entries.ts';

const BYTES_PER_KB = 1_024;
const FUNCTIONS = [
  ['receive', 'functions/receive'],
  ['fanOut', 'functions/fan-out'],
  ['operator', 'functions/operator'],
  ['releaseCheck', 'functions/release-check'],
] as const;
/** Names in credential providers that do not work in Lambda. */
const OTHER_CREDENTIALS = [
  'fromIni',
  'fromSSO',
  'fromProcess',
  'fromTokenFile',
  'fromContainerMetadata',
  'fromInstanceMetadata',
];
const UNUSED_PARTS = /node_modules.*event-streams/;

describe.each(FUNCTIONS)('the package of %s', (name, module) => {
  let archive: Buffer;
  let files: ReadonlyMap<string, Buffer>;
  let built: Awaited<ReturnType<typeof buildBundle>>;
  beforeAll(async () => {
    const { templateFile } = await packageStack('releases=canary');
    archive = await readFile(join(dirname(templateFile), `${name}.zip`));
    files = readZipEntries(archive);
    built = await buildBundle(await readFixtureStack(PROJECT_FOLDER));
  }, 60_000);

  const code = (): string => files.get(`${module}.cjs`)?.toString('utf8') ?? '';
  /** Builds the same bundle as the local pipeline, without the source map. */
  const buildBundle = (stack: Stack) =>
    build({
      ...toEsbuildOptions(stack.bundling),
      absWorkingDir: PROJECT_FOLDER,
      entryPoints: [`${module}.ts`],
      outfile: `${module}.cjs`,
      sourcemap: false,
      metafile: true,
      write: false,
    });

  it('is one file of code, at most 250 KB zipped, without a source map', () => {
    expect([...files.keys()]).toEqual([`${module}.cjs`]);
    expect(archive.length / BYTES_PER_KB).toBeLessThanOrEqual(250);
    expect(code()).not.toContain('sourceMappingURL');
  });

  it('reads credentials from the environment only', () => {
    expect(code()).toContain('AWS_SESSION_TOKEN');
    expect(OTHER_CREDENTIALS.filter((word) => code().includes(word))).toEqual([]);
  });

  it('contains no part of a library that the functions do not use', () => {
    const parts = Object.values(built.metafile.outputs).flatMap(({ inputs }) =>
      Object.keys(inputs),
    );
    expect(parts.filter((path) => path.includes('node_modules/'))).not.toEqual([]);
    expect(parts.filter((path) => UNUSED_PARTS.test(path))).toEqual([]);
  });

  it('has no dynamic import, which would load more of Node than needed', () => {
    expect(code()).not.toContain('import(');
  });

  it('is what runs on a developer’s machine, and contains nothing of lib/local', () => {
    const { outputFiles, metafile } = built;
    // CommonJS modules contain their path, which leads out of the packaged copy
    const packaged = code().replaceAll(/"[./\w-]*node_modules\//g, '"node_modules/');
    expect(outputFiles[0]?.text === packaged).toBe(true);
    const sources = Object.keys(metafile.inputs).filter((path) => path.startsWith('lib/'));
    expect(sources).not.toEqual([]);
    expect(sources.filter((path) => path.startsWith('lib/local/'))).toEqual([]);
  });
});
