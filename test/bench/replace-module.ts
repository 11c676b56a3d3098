import type { Plugin } from 'esbuild';

/**
 * Bundles another file instead of an imported one. That file itself may still import the original. The
 * build fails if nothing was replaced: the variant would be the original under another name.
 * @param imported the end of the import, for example `/http-client.ts`
 * @param file the path of the file that replaces it
 * @param importedBy the end of the importing file's path; left out: any file
 */
export function replaceModule(imported: string, file: string, importedBy = ''): Plugin {
  return {
    name: 'replace-module',
    setup(build) {
      let isReplaced = false;
      build.onResolve({ filter: /./ }, ({ path, importer }) => {
        if (!path.endsWith(imported) || !importer.endsWith(importedBy) || importer === file) {
          return null;
        }
        isReplaced = true;
        return { path: file };
      });
      build.onEnd(() =>
        isReplaced
          ? {}
          : { errors: [{ text: `No import of ${imported} was replaced by ${file}` }] },
      );
    },
  };
}
