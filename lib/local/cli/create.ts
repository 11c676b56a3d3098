import {
  access,
  copyFile,
  cp,
  mkdir,
  readdir,
  readFile,
  rename,
  writeFile,
} from 'node:fs/promises';
import { basename, join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import * as v from 'valibot';
import { StartError } from '../emulator/start-error.ts';
import { parseArguments } from './arguments.ts';
import { runCli, UsageError } from './run-cli.ts';

const USAGE = `Usage: npx voucher-relay create FOLDER [--package FILE]
  Creates a project in FOLDER: your destinations, mappings, settings, and sample events.
  FOLDER     a new or empty folder; its name becomes that of the project
  --package  a file voucher-relay-VERSION.tgz, which is copied into the project;
             without it the project installs this version from npm's registry`;

const PACKAGE = fileURLToPath(new URL('../../../', import.meta.url));
/** npm leaves files of these names out of a package, or reads them itself. */
const RENAMED = { gitignore: '.gitignore', 'oxlintrc.json': '.oxlintrc.json' };
const VersionSchema = v.object({ version: v.string() });
const ProjectSchema = v.looseObject({ dependencies: v.record(v.string(), v.string()) });
const ManifestSchema = v.record(v.string(), v.unknown());
const NPM_NAME = /^[a-z0-9][a-z0-9._-]*$/;

await runCli(async (print) => {
  const { values, positionals } = parseArguments(
    { allowPositionals: true, options: { package: { type: 'string' } } },
    USAGE,
  );
  const [target, ...others] = positionals;
  if (target === undefined || others.length > 0) throw new UsageError(`Give one folder.\n${USAGE}`);
  const folder = resolve(target);
  const name = basename(folder);
  if (!NPM_NAME.test(name)) {
    throw new UsageError(
      `${name} cannot be the name of an npm package. Use lower case letters, digits and hyphens.`,
    );
  }
  await requireEmpty(folder);
  const template = join(PACKAGE, 'template');
  await access(template).catch(() => {
    throw new StartError('A clone has no template. Build the package first: npm run pack');
  });
  await mkdir(folder, { recursive: true });
  await cp(template, folder, { recursive: true });
  for (const [from, to] of Object.entries(RENAMED)) {
    await rename(join(folder, from), join(folder, to));
  }
  await writeManifest(folder, name, values.package);
  print(`Created ${target}. Next:`);
  print(`  cd ${target} && npm install && npm run demo`);
  return 0;
});

async function requireEmpty(folder: string): Promise<void> {
  const files = await readdir(folder).catch(() => []);
  if (files.length > 0) {
    throw new StartError(`${folder} is not empty. Choose a new folder; nothing was written.`);
  }
}

async function writeManifest(
  folder: string,
  name: string,
  packageFile: string | undefined,
): Promise<void> {
  const file = join(folder, 'package.json');
  const manifest: unknown = JSON.parse(await readFile(file, 'utf8'));
  const { dependencies } = v.parse(ProjectSchema, manifest);
  const spec =
    packageFile === undefined ? await readVersion() : await addPackage(folder, packageFile);
  // the parsed object has its keys in the order of the schema: a merchant reads those of the template
  const project = Object.assign(v.parse(ManifestSchema, manifest), {
    name,
    dependencies: { ...dependencies, 'voucher-relay': spec },
  });
  await writeFile(file, `${JSON.stringify(project, null, 2)}\n`);
}

async function readVersion(): Promise<string> {
  const text = await readFile(join(PACKAGE, 'package.json'), 'utf8');
  return v.parse(VersionSchema, JSON.parse(text)).version;
}

/** Copies the package into the project, so that every clone of it can install it. */
async function addPackage(folder: string, packageFile: string): Promise<string> {
  await mkdir(join(folder, 'vendor'));
  await copyFile(packageFile, join(folder, 'vendor', basename(packageFile))).catch(() => {
    throw new StartError(`Cannot read ${packageFile}. Does the file exist?`);
  });
  return `file:vendor/${basename(packageFile)}`;
}
