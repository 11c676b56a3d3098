import { readFile, writeFile } from 'node:fs/promises';

const DOCUMENT = new URL('../../docs/performance.md', import.meta.url);

/** Writes the tables of a run to docs/performance.md, between the two comments of that name. */
export async function writeToDocument(
  name: 'bench' | 'cost' | 'scale',
  text: string,
): Promise<void> {
  const document = await readFile(DOCUMENT, 'utf8');
  const [begin, end] = [`<!-- ${name} -->\n`, `<!-- end of ${name} -->`];
  const from = document.indexOf(begin) + begin.length;
  const to = document.indexOf(end);
  if (from < begin.length || to < from)
    throw new Error(
      `docs/performance.md has no ${begin.trim()} followed by ${end}: restore both comments`,
    );
  await writeFile(DOCUMENT, `${document.slice(0, from)}\n${text}\n\n${document.slice(to)}`);
}
