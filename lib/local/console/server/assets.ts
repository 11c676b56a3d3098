import { readFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import { build } from 'esbuild';

/** A file of the page, with its media type. */
export interface Asset {
  readonly type: string;
  readonly content: Buffer;
}

const CLIENT_FOLDER = fileURLToPath(new URL('../client/', import.meta.url));

/** Bundles the page in memory. Returns its files by URL path. */
export async function buildAssets(): Promise<ReadonlyMap<string, Asset>> {
  const result = await build({
    absWorkingDir: CLIENT_FOLDER,
    // .tsx in a clone, .js in the package
    entryPoints: { app: './main' },
    outdir: '/',
    bundle: true,
    write: false,
    minify: true,
    format: 'esm',
    target: 'es2022',
    jsx: 'automatic',
    jsxImportSource: 'preact',
    logLevel: 'silent',
    loader: { '.css': 'css' },
  });
  const built = result.outputFiles.map(({ path, contents }): [string, Asset] => {
    const name = path.endsWith('.css') ? 'app.css' : 'app.js';
    const type = name === 'app.css' ? 'text/css' : 'text/javascript';
    return [`/console/${name}`, { type: `${type}; charset=utf-8`, content: Buffer.from(contents) }];
  });
  const html = await readFile(new URL('../client/index.html', import.meta.url));
  return new Map([['/', { type: 'text/html; charset=utf-8', content: html }], ...built]);
}
