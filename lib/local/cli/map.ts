import { mappings } from '../../../functions/mappings.ts';
import { parseArguments } from './arguments.ts';
import { runCli, UsageError } from './run-cli.ts';
import { tryMapping } from './try-mapping.ts';
import { readWebhookFile } from './webhook-file.ts';

const USAGE = `Usage: npm run map -- NAME FILE
  NAME  a mapping of functions/mappings.ts: ${[...mappings.keys()].join(', ')}
  FILE  a webhook's body, or an event of events/`;

await runCli(async (print) => {
  const { positionals } = parseArguments({ allowPositionals: true }, USAGE);
  const [name, file, ...others] = positionals;
  if (name === undefined || file === undefined || others.length > 0) {
    throw new UsageError(`Name a mapping and a file.\n${USAGE}`);
  }
  if (!mappings.has(name)) throw new UsageError(`There is no mapping ${name}.\n${USAGE}`);

  const body = await readWebhookFile(file);
  const preview = tryMapping(body, name, { currency: null, mappings }, new Date());
  if (!preview.isValid) {
    print('Invalid; it would be quarantined:');
    for (const { path, message } of preview.issues) print(`  ${path || 'the body'}: ${message}`);
    return 1;
  }
  print(`A record of purpose ${preview.purpose}, with these fields (the others are null):`);
  for (const line of preview.fields) print(`  ${line}`);
  print('Unmapped:');
  for (const line of preview.unmapped) print(`  ${line}`);
  for (const { path, message } of preview.issues)
    print(`Warning: ${path || 'the body'}: ${message}`);
  return 0;
});
