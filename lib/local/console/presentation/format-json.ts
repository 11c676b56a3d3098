import { escapeText } from '../../cli/escape-controls.ts';
import type { TextDocument, DocumentLine } from '../protocol.ts';
import { MAX_PATH_KEYS, tokenizeJson, type Token } from './json-tokens.ts';

const MAX_LINES = 1_500;
/** A part of a line of text that is not JSON. */
const RAW_LINE = /.{1,400}/gu;

type DraftLine = { indent: number; text: string; path: readonly string[] | null };

/**
 * Formats JSON with one line per value, each with its path. Only white space changes: every value
 * keeps its spelling, for example `1.0`. Text that is not JSON keeps its own lines. Characters that would
 * change the direction or the place of what follows are shown as their escapes.
 * @param truncatedCharacters how many characters of the text were not stored
 */
export function formatJson(text: string, truncatedCharacters = 0): TextDocument {
  const tokens = tokenizeJson(text);
  const drafts = tokens === null ? splitRawLines(text) : toJsonLines(tokens);
  const lines = drafts.slice(0, MAX_LINES).map(({ indent, text: shown, path }): DocumentLine => ({
    indent,
    text: escapeText(shown),
    path: path === null || path.length >= MAX_PATH_KEYS ? null : path.join('.'),
    annotations: [],
    isUnmapped: false,
  }));
  const hiddenCharacters = drafts.slice(MAX_LINES).reduce((sum, line) => sum + line.text.length, 0);
  return { lines, truncatedCharacters: truncatedCharacters + hiddenCharacters };
}

/** Puts each value of a JSON text on a line of its own, all of them. Other text is returned as it is. */
export function prettyPrintJson(text: string): string {
  const tokens = tokenizeJson(text);
  if (tokens === null) return text;
  return toJsonLines(tokens)
    .map((line) => '  '.repeat(line.indent) + line.text)
    .join('\n');
}

function splitRawLines(text: string): DraftLine[] {
  return text
    .split(/\r?\n/)
    .flatMap((line) => line.match(RAW_LINE) ?? [''])
    .map((line) => ({ indent: 0, text: line, path: null }));
}

function toJsonLines(allTokens: readonly Token[]): DraftLine[] {
  const tokens = allTokens.filter(({ kind }) => kind !== 'space');
  const lines: DraftLine[] = [];
  let line: DraftLine = { indent: 0, text: '', path: null };
  let depth = 0;
  const endLine = (): void => {
    if (line.text !== '') lines.push(line);
    line = { indent: depth, text: '', path: null };
  };
  for (const [index, { kind, text, path }] of tokens.entries()) {
    const isClosing = kind === 'punctuation' && (text === '}' || text === ']');
    const isEmptyContainer = isClosing && /^[{[]$/.test(tokens[index - 1]?.text ?? '');
    if (isClosing) {
      depth -= 1;
      if (isEmptyContainer) line = lines.pop() ?? line;
      else endLine();
      line.indent = depth;
    }
    line.text += text === ':' ? ': ' : text;
    if (path !== null) line.path = path;
    if (path !== null && kind === 'punctuation') {
      depth += 1;
      endLine();
    }
    if (kind === 'punctuation' && text === ',') endLine();
  }
  endLine();
  return lines;
}
