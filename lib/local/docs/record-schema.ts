import { mkdir, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { readArguments } from '../cli/arguments.ts';
import { DOCS_FOLDER, recordDocuments } from './record-schema-documents.ts';
import { runTool } from '../cli/run-cli.ts';

const USAGE = `Usage: npm run schema
  Writes docs/record.schema.json and docs/examples/record-*.json anew.`;

await runTool(async (say) => {
  readArguments({}, USAGE);
  for (const [name, text] of await recordDocuments()) {
    const file = join(DOCS_FOLDER, name);
    await mkdir(dirname(file), { recursive: true });
    await writeFile(file, text);
    say(`docs/${name}`);
  }
  return 0;
});
