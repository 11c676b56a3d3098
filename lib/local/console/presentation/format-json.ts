import type { Document, Line } from '../protocol.ts';
import { jsonTokens, type Token } from './json-tokens.ts';

const LONGEST_LINE = 400;
const MOST_LINES = 1_500;

type Draft = { indent: number; text: string; path: string | null };

/**
 * Lays JSON out in lines, one a value, each with its path. Every value is spelled as it came; only
 * white space between them changes. What is no JSON stays in the lines that it has.
 * @param cutOff how many characters of the text were not kept
 */
export function layout(text: string, cutOff = 0): Document {
  const tokens = jsonTokens(text);
  const drafts = tokens === null ? rawLines(text) : jsonLines(tokens);
  const lines = drafts.slice(0, MOST_LINES).map(({ indent, text: shown, path }): Line => ({
    indent,
    text: shown,
    path,
    remarks: [],
    rest: false,
  }));
  const hidden = drafts.slice(MOST_LINES).reduce((sum, line) => sum + line.text.length, 0);
  return { lines, cutOff: cutOff + hidden };
}

function rawLines(text: string): Draft[] {
  return text
    .split(/\r?\n/)
    .flatMap((line) => line.match(new RegExp(`.{1,${LONGEST_LINE}}`, 'gu')) ?? [''])
    .map((line) => ({ indent: 0, text: line, path: null }));
}

function jsonLines(all: readonly Token[]): Draft[] {
  const tokens = all.filter(({ kind }) => kind !== 'space');
  const lines: Draft[] = [];
  let line: Draft = { indent: 0, text: '', path: null };
  let depth = 0;
  const end = (): void => {
    if (line.text !== '') lines.push(line);
    line = { indent: depth, text: '', path: null };
  };
  for (const [index, { kind, text, path }] of tokens.entries()) {
    const closes = kind === 'mark' && (text === '}' || text === ']');
    const empty = closes && /^[{[]$/.test(tokens[index - 1]?.text ?? '');
    if (closes) {
      depth -= 1;
      if (empty) line = lines.pop() ?? line;
      else end();
      line.indent = depth;
    }
    line.text += text === ':' ? ': ' : text;
    if (path !== null) line.path = path.join('.');
    if (path !== null && kind === 'mark') {
      depth += 1;
      end();
    }
    if (kind === 'mark' && text === ',') end();
  }
  end();
  return lines;
}
