import { readFile } from 'node:fs/promises';
import { build } from 'esbuild';
import * as v from 'valibot';
import { beforeAll, describe, expect, it } from 'vitest';
import { toEsbuildOptions } from '../../lib/local/emulator/lambda/bundle-settings.ts';
import { readFixtureStack } from '../../lib/local/emulator/fixture-stack.ts';
import { PROJECT_FOLDER } from '../../lib/local/cli/paths.ts';

/** What may be handed on in a bundle without more than its notice. A new one is for a person to judge. */
const ALLOWED = new Set(['Apache-2.0', 'MIT', 'MIT-0']);

/** The folder of the package that a file belongs to; null for a file of ours. */
const PACKAGE_FOLDER = /^(.*\/)?node_modules\/(@[^/]+\/)?[^/]+/;
const ManifestSchema = v.object({ name: v.string(), license: v.string() });

describe('what is deployed', () => {
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
    // what the bundler looked at and left out is not handed on
    const inputs = Object.values(metafile.outputs).flatMap((output) =>
      Object.entries(output.inputs).filter(([, { bytesInOutput }]) => bytesInOutput > 0),
    );
    files = [...new Set(inputs.map(([file]) => file))];
  }, 60_000);

  const packagesIn = (): string[] => [
    ...new Set(files.flatMap((file) => PACKAGE_FOLDER.exec(file)?.[0] ?? [])),
  ];

  it('is under licences that allow it', async () => {
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

  it('holds no development dependency, no test and nothing local', async () => {
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
