import { mappings } from '../../../functions/mappings.ts';
import { readArguments } from './arguments.ts';
import { runTool, UsageError } from './run-cli.ts';
import { tryMapping } from './try-mapping.ts';
import { readWebhookFile } from './webhook-file.ts';

const USAGE = `Usage: npm run map -- NAME FILE
  NAME  a mapping of functions/mappings.ts: ${[...mappings.keys()].join(', ')}
  FILE  a webhook's body, or an event of events/`;

await runTool(async (say) => {
  const { positionals } = readArguments({ allowPositionals: true }, USAGE);
  const [name, file, ...others] = positionals;
  if (name === undefined || file === undefined || others.length > 0) {
    throw new UsageError(`Name a mapping and a file.\n${USAGE}`);
  }
  if (!mappings.has(name)) throw new UsageError(`There is no mapping ${name}.\n${USAGE}`);

  const body = await readWebhookFile(file);
  const tried = tryMapping(body, name, { currency: null, mappings }, new Date());
  if (!tried.understood) {
    say('Not understood; it would wait in quarantine:');
    for (const { path, message } of tried.remarks) say(`  ${path || 'the body'}: ${message}`);
    return 1;
  }
  say(`A record of purpose ${tried.purpose}, with these fields (the others are null):`);
  for (const line of tried.fields) say(`  ${line}`);
  say('Left in rest:');
  for (const line of tried.rest) say(`  ${line}`);
  for (const { path, message } of tried.remarks) say(`Warning: ${path || 'the body'}: ${message}`);
  return 0;
});
