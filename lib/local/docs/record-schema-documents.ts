import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { EVENTS_FOLDER } from '../cli/paths.ts';
import { buildExampleRecords } from './record-schema-examples.ts';
import { parseDocumentedFields } from './record-schema-fields.ts';
import { toRecordJsonSchema } from './record-schema-json.ts';
import { readWebhookSamples } from '../cli/samples.ts';

/** The folder docs/. */
export const DOCS_FOLDER = fileURLToPath(new URL('../../../docs/', import.meta.url));

/**
 * Generates the files in docs/ that describe the record: its JSON Schema, and an example for each
 * purpose and of a loyalty program.
 * @returns the texts, by file name in docs/
 */
export async function buildRecordDocuments(): Promise<ReadonlyMap<string, string>> {
  const markdown = await readFile(join(DOCS_FOLDER, 'record.md'), 'utf8');
  const schema = toRecordJsonSchema(parseDocumentedFields(markdown));
  const examples = buildExampleRecords(await readWebhookSamples(EVENTS_FOLDER));
  return new Map([
    ['record.schema.json', toJsonText(schema)],
    ...[...examples].map(
      ([name, record]) => [`examples/record-${name}.json`, toJsonText(record)] as const,
    ),
  ]);
}

function toJsonText(value: object): string {
  return `${JSON.stringify(value, null, 2)}\n`;
}
