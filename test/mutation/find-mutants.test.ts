import { describe, expect, it } from 'vitest';
import { applyMutant, describeMutant, findMutants } from './find-mutants.ts';
import { createTestFinder } from './find-tests.ts';
import { PROJECT_FOLDER } from '../../lib/local/cli/paths.ts';

/** Every changed form of a source. */
const changesOf = (source: string): string[] =>
  findMutants(source).map((mutant) => applyMutant(source, mutant));

describe('the changes of a source', () => {
  it.each<[string, string[]]>([
    ['f(a < b);', [';', 'f(a <= b);', 'f(a >= b);']],
    ['const a = b === c;', ['const a = b !== c;']],
    ['const a = b ?? c;', ['const a = b;', 'const a = c;']],
    ['const a = b && c;', ['const a = b;', 'const a = c;']],
    ['const a = !b;', ['const a = b;']],
    ['if (a) b();', ['if (true) b();', 'if (false) b();', 'if (a) ;']],
    ['const a = b ? c : d;', ['const a = true ? c : d;', 'const a = false ? c : d;']],
    ['const a = 1;', ['const a = 2;', 'const a = 0;']],
    ["const a = 'x';", ["const a = '';"]],
    ["const a = '';", ["const a = 'changed';"]],
    ['const a = { b: c };', ['const a = { b: null };']],
    ['const a = [b, c];', ['const a = [c];', 'const a = [b];']],
    ['const a = /^b$/u;', ['const a = /b$/u;', 'const a = /^b/u;']],
    ['const a = b.some(c);', ['const a = b.every(c);']],
    ['const a = b.filter(c);', ['const a = b;']],
    [
      'const a = async () => { return await b; };',
      ['const a = async () => { return undefined; };'],
    ],
  ])('of %s are these', (source, changes) => {
    const found = changesOf(source);
    expect(changes.filter((change) => !found.includes(change))).toEqual([]);
  });

  it.each([
    "import a from 'b';",
    "export { a } from 'b';",
    "export * from 'b';",
    "const a: 'b' | 1 = c;",
    "type A = { b: 'c' };",
    'interface A { b: true }',
    "const a = 'a text for people';",
    'const a = (b as string)!;',
    'const a = { b };',
  ])('are none in %s', (source) => {
    expect(changesOf(source)).toEqual([]);
  });

  it('are shown with their line', () => {
    const source = 'const a = b;\nconst c = d < e;\n';
    const [mutant] = findMutants(source);
    if (mutant === undefined) throw new Error('No change');
    expect(describeMutant(source, mutant)).toEqual({
      line: 2,
      diff: '- const c = d < e;\n+ const c = d <= e;',
    });
  });
});

it('the tests of a file are those that import it, its own folder first', async () => {
  const findTests = await createTestFinder(PROJECT_FOLDER);
  const { own, others } = findTests('lib/normalise/purpose.ts');
  expect(own).toContain('test/normalise/purpose.test.ts');
  expect(others).toContain('test/receive/receive.test.ts');
  expect([...own, ...others].filter((test) => test.startsWith('test/local/'))).toEqual([]);
});
