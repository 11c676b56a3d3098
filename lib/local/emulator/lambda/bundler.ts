import { mkdir, mkdtemp, readdir, rm, writeFile } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { type BuildResult, context, formatMessages } from 'esbuild';
import { isProcessAlive } from '../process.ts';
import type { FunctionDescription } from '../serverless-config/functions.ts';
import { toEsbuildOptions } from './bundle-settings.ts';

/** The bundle file of each function, by its name in serverless.yml. */
export type Bundles = ReadonlyMap<string, string>;

/** The result of a build. `changed` names the functions whose code differs from the build before. */
export type Build =
  | { readonly kind: 'built'; readonly bundles: Bundles; readonly changed: ReadonlySet<string> }
  | { readonly kind: 'failed'; readonly text: string };

/** Bundles the functions of one project folder into a folder of its own. */
export interface Bundler {
  build(): Promise<Build>;
  /**
   * Builds again whenever a source file of a bundle changes. `onBuild` is not called when no bundle
   * changed.
   */
  watch(onBuild: (build: Build) => void): Promise<void>;
  /** Stops watching and removes every bundle. */
  stop(): Promise<void>;
}

/**
 * Prepares the bundling of functions with esbuild.
 * @param projectFolder the folder of serverless.yml
 * @param settings the settings of serverless-esbuild
 */
export async function createBundler(
  projectFolder: string,
  functions: readonly FunctionDescription[],
  settings: Readonly<Record<string, unknown>>,
): Promise<Bundler> {
  const folder = await openBuildFolder(projectFolder);
  let last: Build | null = null;
  let listener: (build: Build) => void = () => {};
  let texts: ReadonlyMap<string, string> = new Map();
  let builds = 0;

  const storeBundles = async (result: BuildResult): Promise<Build> => {
    if (result.errors.length > 0) {
      const lines = await formatMessages(result.errors, { kind: 'error', color: false });
      return { kind: 'failed', text: lines.join('').trim() };
    }
    const before = texts;
    texts = new Map(functions.map(({ name }) => [name, getOutput(result, name)]));
    const changed = functions
      .map(({ name }) => name)
      .filter((name) => texts.get(name) !== before.get(name));
    // each build gets a new folder, so that a starting environment never loads a half-written file
    builds += 1;
    const target = join(folder, String(builds));
    await mkdir(target);
    const bundles = new Map(functions.map(({ name }) => [name, join(target, `${name}.cjs`)]));
    for (const [name, file] of bundles) await writeFile(file, texts.get(name) ?? '');
    return { kind: 'built', bundles, changed: new Set(changed) };
  };

  const builder = await context({
    ...toEsbuildOptions(settings),
    absWorkingDir: projectFolder,
    entryPoints: Object.fromEntries(functions.map(({ name, module }) => [name, `./${module}`])),
    outdir: join(folder, 'next'),
    outExtension: { '.js': '.cjs' },
    write: false,
    logLevel: 'silent',
    plugins: [
      {
        name: 'keep-bundles',
        setup(build) {
          build.onEnd(async (result) => {
            last = await storeBundles(result);
            if (last.kind === 'failed' || last.changed.size > 0) listener(last);
          });
        },
      },
    ],
  });
  return {
    async build() {
      // errors in the code reject here too; the plugin has them in `last` already
      const failure: unknown = await builder.rebuild().then(
        () => null,
        (error: unknown) => error,
      );
      if (last === null) throw failure;
      return last;
    },
    async watch(onBuild) {
      listener = onBuild;
      await builder.watch();
    },
    async stop() {
      listener = () => {};
      await builder.dispose();
      await rm(folder, { recursive: true, force: true });
    },
  };
}

function getOutput(result: BuildResult, name: string): string {
  const file = result.outputFiles?.find(({ path }) => basename(path) === `${name}.cjs`);
  return file?.text ?? '';
}

/**
 * Creates a folder for the bundles of this process. It is inside the project, so that modules which are
 * not bundled (`external`) are found from there. Folders of processes that have ended are removed.
 */
async function openBuildFolder(projectFolder: string): Promise<string> {
  const parent = join(projectFolder, '.local');
  await mkdir(parent, { recursive: true });
  for (const name of await readdir(parent)) {
    const pid = /^build-(\d+)-/.exec(name)?.[1];
    if (pid !== undefined && !isProcessAlive(Number(pid))) {
      await rm(join(parent, name), { recursive: true, force: true });
    }
  }
  return mkdtemp(join(parent, `build-${process.pid}-`));
}
