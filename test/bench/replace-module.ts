import type { Plugin } from 'esbuild';

/**
 * Bundles one file where another one is imported; that file itself may still import the other.
 * @param imported the end of the import, for example `/http-exchange.ts`
 * @param file the file that is taken in its place
 */
export function replaceModule(imported: string, file: string): Plugin {
  return {
    name: 'replace-module',
    setup(build) {
      build.onResolve({ filter: /./ }, ({ path, importer }) =>
        path.endsWith(imported) && importer !== file ? { path: file } : null,
      );
    },
  };
}
