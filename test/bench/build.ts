import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { build, type BuildOptions } from 'esbuild';
import { toEsbuildOptions } from '../../lib/local/emulator/lambda/bundle-settings.ts';
import type { Stack } from '../../lib/local/emulator/stack.ts';
import { PROJECT_FOLDER } from '../../lib/local/cli/paths.ts';

/** The esbuild settings that a variant changes. */
export type BundleChanges = Pick<BuildOptions, 'alias' | 'nodePaths' | 'plugins'>;

/** Builds files into a temporary folder. */
export interface Builder {
  /**
   * Bundles one file of the project as it is deployed: with the settings of serverless.yml, without a
   * source map.
   * @returns the path of the bundle
   */
  bundle(source: string, name: string, changes?: BundleChanges): Promise<string>;
  /** The same with the default settings of serverless-esbuild. */
  bundleUntuned(source: string, name: string): Promise<string>;
  readonly folder: string;
  /** Removes the folder. */
  remove(): Promise<void>;
}

export async function openBuilder(stack: Stack): Promise<Builder> {
  const folder = await mkdtemp(join(tmpdir(), 'voucher-relay-bench-'));
  const write = async (source: string, name: string, options: BuildOptions): Promise<string> => {
    const outfile = join(folder, `${name}.cjs`);
    await build({
      ...options,
      absWorkingDir: PROJECT_FOLDER,
      entryPoints: [source],
      outfile,
      sourcemap: false,
      logLevel: 'error',
    });
    return outfile;
  };
  const { alias: tunedAlias = {}, ...tuned } = toEsbuildOptions(stack.bundling);
  const ownFiles = Object.fromEntries(
    Object.entries(tunedAlias).filter(([name]) => ['#destinations', '#mappings'].includes(name)),
  );
  return {
    folder,
    bundle: (source, name, { alias, ...changes } = {}) =>
      write(source, name, { ...tuned, ...changes, alias: { ...tunedAlias, ...alias } }),
    bundleUntuned: (source, name) =>
      write(source, name, toEsbuildOptions({ target: 'node24', alias: ownFiles })),
    remove: () => rm(folder, { recursive: true, force: true }),
  };
}
