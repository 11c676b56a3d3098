import { readdir, readFile } from 'node:fs/promises';
import { dirname, join, normalize } from 'node:path';

/** Slow, or about the developer's machine: they would take minutes for each change. */
const SLOW = /^test\/(?:local|browser|chaos|bench|mutation|privacy|docs\/own-files)\b/;
const RELATIVE_IMPORT = /(?:from|import)\s*\(?\s*'(\.[^']+\.ts)'/g;

/** The tests of one source file: those of its own folder first, then every other that imports it. */
export interface RelatedTests {
  readonly own: readonly string[];
  readonly others: readonly string[];
}

/** Returns all TypeScript files below a folder of the project, with their path from it. */
export async function listSources(projectFolder: string, folder: string): Promise<string[]> {
  const entries = await readdir(join(projectFolder, folder), { recursive: true });
  return entries
    .filter((name) => name.endsWith('.ts') && !name.includes('node_modules'))
    .map((name) => join(folder, name))
    .sort();
}

/** Finds which tests import a file, directly or through other files. */
export async function createTestFinder(
  projectFolder: string,
): Promise<(file: string) => RelatedTests> {
  const folders = ['lib', 'test', 'events', 'functions'];
  const files = (await Promise.all(folders.map((name) => listSources(projectFolder, name)))).flat();
  const importers = new Map<string, string[]>();
  for (const file of files) {
    const source = await readFile(join(projectFolder, file), 'utf8');
    for (const [, path = ''] of source.matchAll(RELATIVE_IMPORT)) {
      const imported = normalize(join(dirname(file), path));
      importers.set(imported, [...(importers.get(imported) ?? []), file]);
    }
  }
  return (file) => {
    const reached = new Set([file]);
    for (const one of reached)
      for (const importer of importers.get(one) ?? []) reached.add(importer);
    const tests = [...reached].filter((one) => one.endsWith('.test.ts') && !SLOW.test(one)).sort();
    const ownFolder = `${dirname(file).replace(/^lib/, 'test')}/`;
    return {
      own: tests.filter((one) => one.startsWith(ownFolder)),
      others: tests.filter((one) => !one.startsWith(ownFolder)),
    };
  };
}
