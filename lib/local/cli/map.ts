import { loadMappings } from '../../project/own-files.ts';
import { parseArguments } from './arguments.ts';
import { escapeLine } from './escape-controls.ts';
import { PROJECT_FOLDER } from './paths.ts';
import { runCli, UsageError } from './run-cli.ts';
import { type MappingPreview, tryMapping } from './try-mapping.ts';
import { readWebhookFile } from './webhook-file.ts';

const USAGE = `Usage: npm run map -- NAME FILE
  Shows the record that a mapping makes of a webhook.
  NAME  a mapping in functions/mappings.ts
  FILE  the body of a webhook, or an event in events/`;

await runCli(async (print) => {
  const { positionals } = parseArguments({ allowPositionals: true }, USAGE);
  const [name, file, ...others] = positionals;
  if (name === undefined || file === undefined || others.length > 0) {
    throw new UsageError(`Give a mapping and a file.\n${USAGE}`);
  }
  const mappings = await loadMappings(PROJECT_FOLDER);
  if (!mappings.has(name)) {
    const names = [...mappings.keys()].join(', ') || 'none';
    throw new UsageError(`functions/mappings.ts has no mapping ${name}; it has: ${names}.`);
  }

  const { body } = await readWebhookFile(file);
  const preview = tryMapping(body, name, { currency: null, mappings }, new Date());
  if (!preview.isValid) {
    print('Invalid; it would be quarantined. Issues:');
    for (const issue of preview.issues) print(`  ${formatIssue(issue)}`);
    return 1;
  }
  print(`A record with the purpose ${preview.purpose}. Its fields, without those that are null:`);
  for (const line of preview.fields) print(`  ${escapeLine(line)}`);
  if (preview.unmapped.length > 0) print('Unmapped fields of the body, kept in data.unmapped:');
  for (const line of preview.unmapped) print(`  ${escapeLine(line)}`);
  for (const issue of preview.issues) print(`Warning: ${formatIssue(issue)}`);
  return 0;
});

function formatIssue({ path, message }: MappingPreview['issues'][number]): string {
  return escapeLine(`${path || 'the body'}: ${message}`);
}
