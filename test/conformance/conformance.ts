import { readdir, readFile } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { StartError } from '../../lib/local/emulator/start-error.ts';
import { parseArguments } from '../../lib/local/cli/arguments.ts';
import { escapeLine } from '../../lib/local/cli/escape-controls.ts';
import { type ConformanceStatus, type Format, FORMATS, getFormats, receiveExample } from './run.ts';
import { formatTable } from '../../lib/local/cli/table.ts';
import { runCli, UsageError } from '../../lib/local/cli/run-cli.ts';

const USAGE = `Usage: npm run conformance -- DIR
  DIR  a folder of examples, in one file each: the data of a webhook, named <event>.json, or the
       whole body with its envelope. The data is sent in every envelope that the event can have`;

await runCli(async (print) => {
  const { positionals } = parseArguments({ allowPositionals: true }, USAGE);
  const [folder, ...others] = positionals;
  if (folder === undefined || others.length > 0)
    throw new UsageError(`Expected one folder.\n${USAGE}`);

  const examples: ReadonlyMap<Format, ConformanceStatus>[] = [];
  const events: string[] = [];
  const details: string[] = [];
  for (const file of await listExamples(folder)) {
    const event = basename(file, '.json');
    const data = await readJson(join(folder, file));
    const results = new Map<Format, ConformanceStatus>();
    for (const format of getFormats(event, data)) {
      const result = await receiveExample(format, event, data);
      results.set(format, result.status);
      details.push(...result.details.map((detail) => escapeLine(`${event}, ${format}: ${detail}`)));
    }
    events.push(event);
    examples.push(results);
  }
  const statuses = examples.flatMap((results) => [...results.values()]);
  const formats = FORMATS.filter((format) => examples.some((results) => results.has(format)));
  const rows = examples.map((results, index) =>
    [events[index] ?? ''].concat(formats.map((format) => results.get(format) ?? '')),
  );

  const count = (expected: ConformanceStatus): number =>
    statuses.filter((status) => status === expected).length;
  print(formatTable([['event', ...formats], ...rows]));
  if (details.length > 0) print(`\n${details.join('\n')}`);
  print(
    `\n${rows.length} examples, ${statuses.length} webhooks: ${count('queued')} queued, ` +
      `${count('quarantined')} quarantined, ${count('values lost')} with values lost, ${count('error')} errors.`,
  );
  return count('queued') === statuses.length ? 0 : 1;
});

async function listExamples(folder: string): Promise<string[]> {
  const files = await readdir(folder).catch(() => {
    throw new StartError(`There is no folder ${folder}.`);
  });
  const examples = files.filter((file) => file.endsWith('.json')).sort();
  if (examples.length === 0) throw new StartError(`There is no .json file in ${folder}.`);
  return examples;
}

async function readJson(file: string): Promise<unknown> {
  try {
    return JSON.parse(await readFile(file, 'utf8'));
  } catch {
    throw new StartError(`${file} is not JSON.`);
  }
}
