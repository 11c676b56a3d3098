import { writeFile } from 'node:fs/promises';
import { basename, join } from 'node:path';
import type { DestinationDeclaration } from '../../destinations/declaration.ts';
import { loadDestinations, loadMappings } from '../../project/own-files.ts';
import { parseWebhook, timesOnArrival } from '../../receive/parse-webhook.ts';
import type { RelayRecord } from '../../record/record.ts';
import { StartError } from '../emulator/start-error.ts';
import { parseArguments } from './arguments.ts';
import { EVENTS_FOLDER, PROJECT_FOLDER } from './paths.ts';
import { createSampleEvent } from './sample-event.ts';
import { runCli, UsageError } from './run-cli.ts';
import { readWebhookFile } from './webhook-file.ts';

const USAGE = `Usage: npm run event -- BODY.json [--name NAME] [--mapping MAPPING]
  Writes events/NAME.json: a signed event for sls invoke local and for the demo.
  BODY.json  the body of a webhook, as Voucherify sent it
  --name     the name of the event; by default the file's name
  --mapping  the mapping in functions/mappings.ts whose address it is posted to`;

await runCli(async (print) => {
  const { values, positionals } = parseArguments(
    { allowPositionals: true, options: { name: { type: 'string' }, mapping: { type: 'string' } } },
    USAGE,
  );
  const [file, ...others] = positionals;
  if (file === undefined || others.length > 0) throw new UsageError(`Give one file.\n${USAGE}`);
  const name = values.name ?? basename(file, '.json');
  if (!/^[a-z0-9][a-z0-9-]*$/i.test(name)) {
    throw new UsageError(`${name} is not a valid name. Use letters, digits and hyphens.\n${USAGE}`);
  }

  const { body } = await readWebhookFile(file);
  const mapping = values.mapping ?? null;
  const mappings = await loadMappings(PROJECT_FOLDER);
  if (mapping !== null && !mappings.has(mapping)) {
    const names = [...mappings.keys()].join(', ') || 'none';
    throw new UsageError(`functions/mappings.ts has no mapping ${mapping}; it has: ${names}.`);
  }
  const now = new Date();
  const times = timesOnArrival(now.toISOString(), null);
  const parsed = parseWebhook(body, mapping, times, { currency: null, mappings });
  const destinations = await loadDestinations(PROJECT_FOLDER);
  const event = createSampleEvent(name, body, now, {
    mapping,
    status: parsed.ok ? 'queued' : 'quarantined',
    delivered: parsed.ok ? findAccepting(destinations, parsed.record) : [],
  });
  const target = join(EVENTS_FOLDER, `${name}.json`);
  await writeFile(target, `${JSON.stringify(event, null, 2)}\n`, { flag: 'wx' }).catch(() => {
    throw new StartError(
      `events/${name}.json already exists or cannot be written. Choose another --name.`,
    );
  });
  print(
    `Wrote events/${name}.json. Edit its "about" (what it shows) and "expect" (what npm run demo checks). Try it with:`,
  );
  print(`  npx sls invoke local -f receive -p events/${name}.json`);
  return 0;
});

/** The destinations that get the record; one whose code fails gets none. */
function findAccepting(
  destinations: readonly DestinationDeclaration[],
  record: RelayRecord,
): readonly string[] {
  return destinations.flatMap(({ name, accepts, acceptsTestEvents }) => {
    try {
      return accepts(record) && (acceptsTestEvents || !record.data.test) ? [name] : [];
    } catch {
      return [];
    }
  });
}
