import { execFile } from 'node:child_process';
import { chmod, cp, mkdir, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { promisify } from 'node:util';
import * as v from 'valibot';
import { StartError } from '../local/emulator/start-error.ts';

const DependenciesSchema = v.record(v.string(), v.string());
const ManifestSchema = v.looseObject({
  version: v.string(),
  description: v.string(),
  license: v.string(),
  imports: v.record(v.string(), v.unknown()),
  exports: v.record(v.string(), v.string()),
  dependencies: DependenciesSchema,
  devDependencies: DependenciesSchema,
});
type Manifest = v.InferOutput<typeof ManifestSchema>;

/** What is not TypeScript, relative to the folder of the repository. */
const COPIED = ['README.md', 'CONTRIBUTING.md', 'CHANGELOG.md', 'LICENSE', 'SECURITY.md', 'docs'];
/** What a project of a merchant begins with, beside lib/release/template/. */
const TEMPLATE = ['functions/destinations.ts', 'functions/destinations', 'functions/mappings.ts'];
/** Tools that the commands of a project run, and no module imports. */
const TOOLS = ['node', 'osls', 'serverless-esbuild', '@types/node', '@types/aws-lambda'];
/** A project has one copy of it, which its mappings import too. */
const SHARED = 'valibot';
const PACKAGE_FOLDER = './node_modules/voucher-relay';
const IMPORT = /(?:from|import|import\() ?'((?:@[\w.-]+\/)?[a-z][\w:.-]*)[^']*'/g;

/**
 * Builds the package that projects install: JavaScript, because Node strips no types below node_modules,
 * with declarations, the parts of serverless.yml, the template of a project, and the docs.
 * @param repository the folder of the repository
 * @param target the folder to build in; it is emptied
 */
export async function buildPackage(repository: string, target: string): Promise<void> {
  await rm(target, { recursive: true, force: true });
  const tsc = join(repository, 'node_modules/.bin/tsc');
  const out = ['--rootDir', repository, '--outDir', target];
  await compile(tsc, ['-p', join(repository, 'lib/release/tsconfig.json'), ...out]);
  const client = 'lib/local/console/client';
  const emit = ['--noEmit', 'false', '--rewriteRelativeImportExtensions'];
  await compile(tsc, ['-p', join(repository, client), ...emit, ...out]);

  await copyMatching(repository, target, client, /\.(?:css|html)$/);
  await copyMatching(repository, target, 'lib/stack', /\.yml$/, toPackagePaths);
  for (const name of COPIED)
    await cp(join(repository, name), join(target, name), { recursive: true });
  await createTemplate(repository, join(target, 'template'));
  const files = await listFiles(target);
  for (const file of files.filter((each) => each.endsWith('.d.ts'))) {
    await change(join(target, file), (text) =>
      text.replace(/(['"]\.[^'"]*)\.tsx?(['"])/g, '$1.js$2'),
    );
  }
  const manifest = v.parse(
    ManifestSchema,
    JSON.parse(await readFile(join(repository, 'package.json'), 'utf8')),
  );
  const used = await findImports(target, files);
  await writeFile(
    join(target, 'package.json'),
    `${JSON.stringify(toManifest(manifest, used), null, 2)}\n`,
  );
  await chmod(join(target, 'lib/local/cli/voucher-relay.js'), 0o755);
}

/** @throws StartError with what the compiler says */
async function compile(tsc: string, options: readonly string[]): Promise<void> {
  await promisify(execFile)(tsc, options).catch((error: unknown) => {
    const said = v.safeParse(v.object({ stdout: v.string() }), error);
    throw new StartError(`The code cannot be compiled.\n${said.success ? said.output.stdout : ''}`);
  });
}

/** Writes what `voucher-relay create` copies. Names that npm leaves out of a package get another name. */
async function createTemplate(repository: string, template: string): Promise<void> {
  await cp(join(repository, 'lib/release/template'), template, { recursive: true });
  for (const name of [...TEMPLATE, 'stages']) {
    await cp(join(repository, name), join(template, name), { recursive: true });
  }
  await copyMatching(repository, template, 'events', /\.json$/);
  const serverlessYml = await readFile(join(repository, 'serverless.yml'), 'utf8');
  await writeFile(
    join(template, 'serverless.yml'),
    toPackagePaths(serverlessYml).replace(
      `${PACKAGE_FOLDER}/lib/stack/serverless-plugin.js`,
      'voucher-relay/serverless-plugin',
    ),
  );
}

/** In a project the files of lib/ are in its node_modules, and are JavaScript. */
function toPackagePaths(text: string): string {
  return text
    .replaceAll(/\.\/(lib\/[^\s'"]*?)\.ts\b/g, `${PACKAGE_FOLDER}/$1.js`)
    .replaceAll('./lib/', `${PACKAGE_FOLDER}/lib/`);
}

function toManifest(manifest: Manifest, used: ReadonlySet<string>): object {
  const { version, description, license } = manifest;
  const pinned = { ...manifest.devDependencies, ...manifest.dependencies };
  const dependencies = [...used, ...TOOLS].sort().map((name): [string, string] => {
    const pin = pinned[name];
    if (pin === undefined) throw new Error(`The code imports ${name}, which package.json lacks`);
    return [name, name === SHARED ? `^${pin}` : pin];
  });
  const toFile = (file: string): object => ({
    types: file.replace(/\.ts$/, '.d.ts'),
    default: file.replace(/\.ts$/, '.js'),
  });
  return {
    name: 'voucher-relay',
    version,
    description,
    license,
    type: 'module',
    sideEffects: false,
    bin: { 'voucher-relay': './lib/local/cli/voucher-relay.js' },
    exports: Object.fromEntries(
      Object.entries(manifest.exports).map(([name, file]) => [
        name,
        file.endsWith('.ts') ? toFile(file) : file,
      ]),
    ),
    imports: { '#webhook-secret-store': './lib/platform/secrets-manager.js' },
    dependencies: Object.fromEntries(dependencies),
    engines: { node: '>=20.12' },
  };
}

async function findImports(folder: string, files: readonly string[]): Promise<ReadonlySet<string>> {
  const names = new Set<string>();
  for (const file of files.filter((each) => /^(?:lib|functions)\/.*\.js$/.test(each))) {
    const text = await readFile(join(folder, file), 'utf8');
    for (const [, name = ''] of text.matchAll(IMPORT)) {
      if (!name.startsWith('node:') && name !== 'voucher-relay' && name !== 'aws-lambda')
        names.add(name);
    }
  }
  return names;
}

async function copyMatching(
  from: string,
  to: string,
  folder: string,
  pattern: RegExp,
  convert = (text: string): string => text,
): Promise<void> {
  for (const name of await listFiles(join(from, folder))) {
    if (!pattern.test(name)) continue;
    const target = join(to, folder, name);
    await mkdir(dirname(target), { recursive: true });
    await writeFile(target, convert(await readFile(join(from, folder, name), 'utf8')));
  }
}

async function change(file: string, convert: (text: string) => string): Promise<void> {
  await writeFile(file, convert(await readFile(file, 'utf8')));
}

async function listFiles(folder: string): Promise<readonly string[]> {
  const entries = await readdir(folder, { recursive: true, withFileTypes: true });
  return entries
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name).slice(folder.replace(/\/$/, '').length + 1));
}
