import { describe, expect, it } from 'vitest';
import { annotate, markUnmapped } from '../../../../lib/local/console/presentation/annotations.ts';
import { formatJson } from '../../../../lib/local/console/presentation/format-json.ts';

const DOCUMENT = formatJson('{"data":{"code":"A","list":[1.0,2]}}');

describe('annotations', () => {
  it.each([
    ['data.code', 2, 'is wrong'],
    ['data.missing', 1, 'data.missing: is wrong'],
    ['', 0, 'is wrong'],
  ])('of the path "%s" are on line %i: %s', (path, index, message) => {
    const { lines } = annotate(DOCUMENT, [{ path, kind: 'warning', message: 'is wrong' }]);
    const annotated = lines.flatMap(({ annotations }, line) =>
      annotations.map((annotation) => ({ line, ...annotation })),
    );
    expect(annotated).toEqual([{ line: index, kind: 'warning', message }]);
  });
});

it('marks exactly the lines whose values are unmapped', () => {
  const { lines } = markUnmapped(DOCUMENT, { data: { list: { 1: 2 } } });
  expect(lines.filter(({ isUnmapped }) => isUnmapped).map(({ text }) => text)).toEqual(['2']);
});

it('keeps the spelling of every value', () => {
  expect(DOCUMENT.lines.map(({ text }) => text)).toContain('1.0,');
});

it('shows a character that would reverse the rest of its line as its escape', () => {
  const texts = ['{"a":"x\u202ey\u0085"}', 'not JSON \u202e\u001b[31m'].flatMap((text) =>
    formatJson(text).lines.map((line) => line.text),
  );
  expect(texts).toEqual([
    '{',
    String.raw`"a": "x\u202ey\u0085"`,
    '}',
    String.raw`not JSON \u202e\u001b[31m`,
  ]);
});
