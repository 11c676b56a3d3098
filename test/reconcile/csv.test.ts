import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { CsvError, readCsv } from '../../lib/reconcile/csv.ts';

async function* inChunks(bytes: Uint8Array, size: number): AsyncGenerator<Uint8Array> {
  for (let n = 0; n < bytes.length; n += size) yield bytes.subarray(n, n + size);
}

async function read(csv: string | Uint8Array, size = 7): Promise<(readonly string[])[]> {
  const bytes = typeof csv === 'string' ? Buffer.from(csv) : csv;
  const records: (readonly string[])[] = [];
  for await (const record of readCsv(inChunks(bytes, size))) records.push(record);
  return records;
}

const write = (records: readonly (readonly string[])[], lineBreak: string): string =>
  records
    .map((fields) => fields.map((field) => `"${field.replaceAll('"', '""')}"`).join(','))
    .join(lineBreak);

describe('CSV', () => {
  it.each([
    [
      'a,b\n1,2\n',
      [
        ['a', 'b'],
        ['1', '2'],
      ],
    ],
    [
      'a,b\r\n1,2',
      [
        ['a', 'b'],
        ['1', '2'],
      ],
    ],
    [
      'a,b\r1,2\r',
      [
        ['a', 'b'],
        ['1', '2'],
      ],
    ],
    ['a,,\n', [['a', '', '']]],
    ['""\n', [['']]],
    ['"a ""b"", c"\n', [['a "b", c']]],
    ['"two\nlines",x\n', [['two\nlines', 'x']]],
    ['\uFEFFa\n\n\nb\n', [['a'], ['b']]],
    ['', []],
  ])('%j', async (csv, expected) => {
    expect(await read(csv)).toEqual(expected);
  });

  it('is the same in chunks of any size, with any text', async () => {
    const field = fc.string({ unit: 'grapheme', maxLength: 12 });
    const records = fc.array(fc.array(field, { minLength: 1, maxLength: 4 }), { maxLength: 6 });
    await fc.assert(
      fc.asyncProperty(
        records,
        fc.constantFrom('\n', '\r\n', '\r'),
        fc.integer({ min: 1, max: 9 }),
        async (all, lineBreak, size) => {
          expect(await read(write(all, lineBreak), size)).toEqual(all);
        },
      ),
    );
  });

  it.each([
    ['a quote that is never closed', 'a\n"b', /^Line 2: a quote that is never closed/],
    ['a quote in a field without quotes', 'a\nb"c', /^Line 2: a quote in a field/],
    ['text after a quoted field', '"a"b', /^Line 1: text after/],
    ['a record that never ends', 'a'.repeat(200_000), /^Line 1: the record is too long/],
    ['bytes that are not UTF-8', Uint8Array.of(0x61, 0xff, 0x62), /^Line 1: the bytes/],
    ['half a character at its end', Uint8Array.of(0x61, 0xc3), /^Line 1: the bytes/],
  ])('with %s is refused', async (_name, csv, message) => {
    const reading = read(csv);
    await expect(reading).rejects.toThrow(CsvError);
    await expect(reading).rejects.toThrow(message);
  });
});
