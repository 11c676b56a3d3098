import { extname } from 'node:path';

/**
 * Returns the URL of a module beside another one, for threads and processes that load it: `.ts` in a clone,
 * `.js` in the package, because Node strips no types below node_modules.
 * @param name of its file, without the extension
 */
export function siblingModule({ filename, url }: ImportMeta, name: string): URL {
  return new URL(name + extname(filename), url);
}
