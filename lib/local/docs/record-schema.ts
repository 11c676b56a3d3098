import { mkdir, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { parseArguments } from '../cli/arguments.ts';
import { DOCS_FOLDER, buildRecordDocuments } from './record-schema-documents.ts';
import { runCli } from '../cli/run-cli.ts';

const USAGE = `Usage: npm run schema
  Writes docs/record.schema.json and docs/examples/record-*.json.`;

await runCli(async (print) => {
  parseArguments({}, USAGE);
  for (const [name, text] of await buildRecordDocuments()) {
    const file = join(DOCS_FOLDER, name);
    await mkdir(dirname(file), { recursive: true });
    await writeFile(file, text);
    print(`Wrote docs/${name}.`);
  }
  return 0;
});
