import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { EVENTS_FOLDER } from '../cli/paths.ts';
import { exampleRecords } from './record-schema-examples.ts';
import { documentedFields } from './record-schema-fields.ts';
import { recordJsonSchema } from './record-schema-json.ts';
import { readWebhookSamples } from '../cli/samples.ts';

/** The folder of the documents. */
export const DOCS_FOLDER = fileURLToPath(new URL('../../../docs/', import.meta.url));

/**
 * Everything in docs/ that is made from the code: the record's JSON Schema, and an example for each
 * purpose.
 * @returns the texts by their files' names in docs/
 */
export async function recordDocuments(): Promise<ReadonlyMap<string, string>> {
  const markdown = await readFile(join(DOCS_FOLDER, 'record.md'), 'utf8');
  const schema = recordJsonSchema(documentedFields(markdown));
  const examples = exampleRecords(await readWebhookSamples(EVENTS_FOLDER));
  return new Map([
    ['record.schema.json', json(schema)],
    ...[...examples].map(
      ([purpose, record]) => [`examples/record-${purpose}.json`, json(record)] as const,
    ),
  ]);
}

function json(value: object): string {
  return `${JSON.stringify(value, null, 2)}\n`;
}
