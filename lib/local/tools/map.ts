import { mappings } from '../../../functions/mappings.ts';
import { understand } from '../../receive/understand.ts';
import { readArguments } from './arguments.ts';
import { fieldLines } from './field-lines.ts';
import { runTool, UsageError } from './tool.ts';
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
  const receivedAt = new Date().toISOString();
  const understanding = understand(body, name, receivedAt, { currency: null, mappings });
  if (!understanding.understood) {
    say('Not understood; it would wait in quarantine:');
    for (const { path, message } of understanding.issues)
      say(`  ${path || 'the body'}: ${message}`);
    return 1;
  }
  const { record } = understanding;
  const { rest, warnings, ...data } = record.data;
  say(`A record of purpose ${data.purpose}, with these fields (the others are null):`);
  for (const line of fieldLines(data)) say(`  ${line}`);
  say('Left in rest:');
  for (const line of fieldLines(rest)) say(`  ${line}`);
  for (const { path, message } of warnings) say(`Warning: ${path || 'the body'}: ${message}`);
  return 0;
});
