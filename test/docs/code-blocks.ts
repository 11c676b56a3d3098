import { readFileSync } from 'node:fs';

/** A block of TypeScript in a document; its first line names the file that it would be. */
export interface CodeBlock {
  readonly file: string;
  readonly text: string;
}

const BLOCK = /^```ts\n(?<text>\/\/ (?<file>\S+)\n[^]*?)^```$/gm;
const BLOCK_START = /^```ts$/gm;

/**
 * The blocks of TypeScript of a document, as they stand there.
 * @throws when one does not name its file, since no test would run it
 */
export function readCodeBlocks(document: string): CodeBlock[] {
  const markdown = readFileSync(document, 'utf8');
  const blocks = [...markdown.matchAll(BLOCK)].map(({ groups = {} }) => ({
    file: groups['file'] ?? '',
    text: groups['text'] ?? '',
  }));
  if (blocks.length !== (markdown.match(BLOCK_START) ?? []).length) {
    throw new Error(`A block of TypeScript in ${document} does not name its file`);
  }
  return blocks;
}
