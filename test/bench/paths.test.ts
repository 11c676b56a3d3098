import { existsSync, globSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { expect, it } from 'vitest';

/** Paths that the bench hands to the bundler as text, so that no compiler checks them. */
const PATH = /'((?:test\/bench|functions|lib)\/[\w/.-]+\.ts|\.\.?\/[\w/.-]+\.ts)'/g;

it.each(globSync('test/bench/{*,rows/*,rivals/*,cost/*}.ts'))(
  '%s names only files that exist',
  (file) => {
    const paths = [...readFileSync(file, 'utf8').matchAll(PATH)].map(([, path = '']) => path);
    const missing = paths.filter(
      (path) => !existsSync(path.startsWith('.') ? join(dirname(file), path) : path),
    );
    expect(missing).toEqual([]);
  },
);
