/** The file is not CSV, or a row has another number of fields than the header. The message quotes nothing. */
export class CsvError extends Error {
  override readonly name = 'CsvError';
}

/** No field of an export is longer. A quote that is never closed must not fill the memory. */
const MAX_RECORD_CHARACTERS = 100_000;

/**
 * Reads CSV (RFC 4180) as it arrives, one record at a time, so that memory does not grow with the file. It
 * accepts either line break and a byte order mark, and leaves out empty lines.
 * @throws CsvError that names the line: a quote in the middle of a field or never closed, a record that is
 * too long, bytes that are not UTF-8
 */
export async function* readCsv(
  chunks: AsyncIterable<Uint8Array>,
): AsyncGenerator<readonly string[]> {
  const decoder = new TextDecoder('utf-8', { fatal: true });
  let fields: string[] = [];
  let field = '';
  let state: 'start' | 'plain' | 'quoted' | 'closed' = 'start';
  let characters = 0;
  let line = 1;
  let isAfterReturn = false;

  const fail = (what: string): never => {
    throw new CsvError(`Line ${line}: ${what}`);
  };
  const decode = (chunk?: Uint8Array): string => {
    try {
      return decoder.decode(chunk, { stream: chunk !== undefined });
    } catch {
      return fail('the bytes are not UTF-8');
    }
  };
  const endField = (): void => {
    fields.push(field);
    field = '';
    state = 'start';
  };
  /** Returns the record, or null for an empty line. */
  const endRecord = (): readonly string[] | null => {
    const isEmpty = fields.length === 0 && field === '' && state === 'start';
    endField();
    const record = fields;
    fields = [];
    characters = 0;
    return isEmpty ? null : record;
  };

  for await (const chunk of chunks) {
    for (const character of decode(chunk)) {
      characters += 1;
      if (characters > MAX_RECORD_CHARACTERS) fail('the record is too long');
      const wasAfterReturn = isAfterReturn;
      isAfterReturn = false;
      if (state === 'quoted') {
        if (character === '"') state = 'closed';
        else field += character;
        if (character === '\n') line += 1;
      } else if (character === '"') {
        if (state === 'plain') fail('a quote in a field without quotes');
        // a doubled quote is one quote
        if (state === 'closed') field += '"';
        state = 'quoted';
      } else if (character === ',') {
        endField();
      } else if (character === '\n' && wasAfterReturn) {
        // the second half of a line break
        characters = 0;
      } else if (character === '\n' || character === '\r') {
        isAfterReturn = character === '\r';
        const record = endRecord();
        line += 1;
        if (record !== null) yield record;
      } else {
        if (state === 'closed') fail('text after a quoted field');
        state = 'plain';
        field += character;
      }
    }
  }
  for (const character of decode()) field += character;
  // the compiler does not see that the loop changes it
  const lastState: string = state;
  if (lastState === 'quoted') fail('a quote that is never closed');
  const record = endRecord();
  if (record !== null) yield record;
}
