import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { dirname, join, normalize } from 'node:path';
import { describe, expect, it } from 'vitest';

const DOCUMENTS = [
  'README.md',
  'CONTRIBUTING.md',
  'SECURITY.md',
  'CHANGELOG.md',
  ...readdirSync('docs')
    .filter((name) => name.endsWith('.md'))
    .map((name) => `docs/${name}`),
];
/** The documents that name files without linking to them. */
const GUIDES = ['README.md', 'CONTRIBUTING.md', 'docs/architecture.md', 'docs/glossary.md'];

const { scripts } = JSON.parse(readFileSync('package.json', 'utf8')) as { scripts: object };

function read(document: string): string {
  return readFileSync(document, 'utf8');
}

function readWithoutCode(document: string): string {
  return read(document).replaceAll(/^ *```[^]*?^ *```$/gm, '');
}

function findAll(text: string, pattern: RegExp): string[] {
  return [...text.matchAll(pattern)].map(([, found = '']) => found);
}

/** The anchors that GitHub gives to the headings of a document. */
function findAnchors(document: string): string[] {
  return findAll(readWithoutCode(document), /^#+ (.+)$/gm).map((heading) =>
    heading
      .toLowerCase()
      .replaceAll(/[^\p{L}\p{N}\s_-]/gu, '')
      .replaceAll(/\s/g, '-'),
  );
}

function isBroken(document: string, target: string): boolean {
  const [path = '', anchor] = target.split('#');
  const file = path === '' ? document : normalize(join(dirname(document), path));
  if (!existsSync(file)) return true;
  return anchor !== undefined && !findAnchors(file).includes(anchor);
}

describe('the references of the documents', () => {
  it.each(DOCUMENTS)('%s links only to files and headings that exist', (document) => {
    const targets = findAll(readWithoutCode(document), /\]\(([^)\s]+)\)/g);
    const local = targets.filter((target) => !target.startsWith('https://'));
    expect(local.filter((target) => isBroken(document, target))).toEqual([]);
  });

  it.each(DOCUMENTS)('%s names only commands that package.json has', (document) => {
    const names = findAll(read(document), /npm run ([\w:]+)/g);
    expect(names.filter((name) => !(name in scripts))).toEqual([]);
  });

  it.each(GUIDES)('%s names only files and folders that exist', (document) => {
    const paths = findAll(
      readWithoutCode(document),
      /(?<![\w/.(-])((?:lib|functions|test|events|docs)\/[\w./-]*\w\/?)/g,
    );
    expect(paths.length).toBeGreaterThan(0);
    expect(paths.filter((path) => !existsSync(path))).toEqual([]);
  });
});

/** The rows `| 1 | file | function | ... |` of docs/architecture.md. */
const STEPS = [
  ...read('docs/architecture.md').matchAll(/^\| (\d+) \| (\S+\.ts) \| `(\w+)` \|/gm),
].map(([, step = '', file = '', name = '']) => ({ step: Number(step), file, name }));

describe('the steps in docs/architecture.md', () => {
  it('are two lists of at most ten', () => {
    expect(STEPS.filter(({ step }) => step === 1)).toHaveLength(2);
    expect(Math.max(...STEPS.map(({ step }) => step))).toBeLessThanOrEqual(10);
  });

  it.each(STEPS)('$file has $name', ({ file, name }) => {
    expect(read(file)).toMatch(new RegExp(`(?:function|const) ${name}\\b`));
  });
});
