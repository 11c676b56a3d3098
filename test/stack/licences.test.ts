import { readFile } from 'node:fs/promises';
import { build } from 'esbuild';
import * as v from 'valibot';
import { beforeAll, describe, expect, it } from 'vitest';
import { toEsbuildOptions } from '../../lib/local/emulator/lambda/bundle-settings.ts';
import { readFixtureStack } from '../../lib/local/emulator/fixture-stack.ts';
import { PROJECT_FOLDER } from '../../lib/local/cli/paths.ts';

/** Licences that allow distribution in a bundle with no more than a notice. A person decides about any other licence. */
const ALLOWED = new Set(['Apache-2.0', 'MIT', 'MIT-0']);

/** Matches the folder of the package of a file; no match for our own files. */
const PACKAGE_FOLDER = /^(.*\/)?node_modules\/(@[^/]+\/)?[^/]+/;
const ManifestSchema = v.object({ name: v.string(), license: v.string() });

describe('the deployed code', () => {
  let files: string[];
  beforeAll(async () => {
    // bundled in one way for every stage
    const { functions, bundling } = await readFixtureStack(PROJECT_FOLDER);
    const { metafile } = await build({
      ...toEsbuildOptions(bundling),
      absWorkingDir: PROJECT_FOLDER,
      entryPoints: functions.map(({ module }) => `${module}.ts`),
      outdir: 'nowhere',
      write: false,
      metafile: true,
      logLevel: 'silent',
    });
    // files that the bundler read but left out are not distributed
    const inputs = Object.values(metafile.outputs).flatMap((output) =>
      Object.entries(output.inputs).filter(([, { bytesInOutput }]) => bytesInOutput > 0),
    );
    files = [...new Set(inputs.map(([file]) => file))];
  }, 60_000);

  const packagesIn = (): string[] => [
    ...new Set(files.flatMap((file) => PACKAGE_FOLDER.exec(file)?.[0] ?? [])),
  ];

  it('is under licences that allow distribution', async () => {
    const manifests = await Promise.all(
      packagesIn().map(async (folder) =>
        v.parse(
          ManifestSchema,
          JSON.parse(await readFile(`${PROJECT_FOLDER}/${folder}/package.json`, 'utf8')),
        ),
      ),
    );
    expect(manifests.map(({ name }) => name)).toContain('@aws-sdk/client-sqs');
    const others = manifests.filter(({ license }) => !ALLOWED.has(license));
    expect(others.map(({ name, license }) => `${name}: ${license}`)).toEqual([]);
  });

  it('contains no development dependency, no test and nothing of lib/local', async () => {
    const { devDependencies } = v.parse(
      v.object({ devDependencies: v.record(v.string(), v.string()) }),
      JSON.parse(await readFile(`${PROJECT_FOLDER}/package.json`, 'utf8')),
    );
    const development = new Set(Object.keys(devDependencies).map((name) => `node_modules/${name}`));
    expect(packagesIn().filter((folder) => development.has(folder))).toEqual([]);
    const ours = files.filter((file) => !PACKAGE_FOLDER.test(file));
    expect(ours).toContain('functions/fan-out.ts');
    const fixtures = ['events/fixture-destinations.ts', 'events/fixture-mappings.ts'];
    expect(ours.filter((file) => /^(test|events|lib\/(local|stack))\//.test(file)).sort()).toEqual(
      fixtures,
    );
  });
});
