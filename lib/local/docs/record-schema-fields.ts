/** A field of the record, as docs/record.md describes it. */
export interface DocumentedField {
  /** The object of the field, by its name in the JSON Schema: Record, Data, Voucher, ... */
  readonly object: string;
  /** The path in the object, without marks for lists: `hours.startTime`. */
  readonly field: string;
  readonly description: string;
  readonly from: string;
  /** When it is null; empty when it never is. */
  readonly whenNull: string;
}

const HEADINGS = 'what it is|from|null';
const NEVER = '–';

/**
 * Parses the tables of fields in docs/record.md: those whose headings are one or more object names,
 * `what it is`, `from` and `null`. A row can describe several fields, and a table several objects.
 */
export function parseDocumentedFields(markdown: string): DocumentedField[] {
  const fields: DocumentedField[] = [];
  let objects: readonly string[] = [];
  for (const line of markdown.split('\n')) {
    const [first = '', ...cells] = splitCells(line);
    if (cells.length === 0) objects = [];
    else if (cells.join('|') === HEADINGS) objects = findQuoted(first);
    else fields.push(...objects.flatMap((object) => toFields(object, first, cells)));
  }
  return fields;
}

function toFields(object: string, names: string, cells: readonly string[]): DocumentedField[] {
  const [description = '', from = '', whenNull = ''] = cells;
  return findQuoted(names).map((name) => ({
    object,
    field: name.replaceAll('[]', ''),
    description,
    from,
    whenNull: whenNull.startsWith(NEVER) ? '' : whenNull,
  }));
}

function splitCells(line: string): string[] {
  if (!line.startsWith('|')) return [];
  return line
    .split('|')
    .slice(1, -1)
    .map((cell) => cell.trim());
}

/** Returns the texts in backticks. */
export function findQuoted(text: string): string[] {
  return [...text.matchAll(/`([^`]+)`/g)].map(([, name = '']) => name);
}
