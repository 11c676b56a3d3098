/** Reads the rows of the table in a document that has this heading row, as they are written. */
export function readTable(document: string, heading: string): readonly string[] {
  const lines = document.split('\n');
  const start = lines.indexOf(heading);
  if (start < 0) throw new Error(`The document has no table with the heading row: ${heading}`);
  const rows = lines.slice(start + 2);
  const end = rows.findIndex((line) => !line.startsWith('|'));
  return end < 0 ? rows : rows.slice(0, end);
}

/** Returns the rows that a table of these codes must have, in the same order. */
export function toTableRows(meanings: { readonly [code: string]: string }): readonly string[] {
  return Object.entries(meanings).map(([code, meaning]) => `| \`${code}\` | ${meaning} |`);
}
