import { readdir, readFile } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { StartError } from '../../lib/local/emulator/start-error.ts';
import { parseArguments } from '../../lib/local/cli/arguments.ts';
import { FORMATS, receiveExample, type ConformanceStatus } from './run.ts';
import { escapeLine } from '../../lib/local/cli/escape-controls.ts';
import { formatTable } from '../../lib/local/cli/table.ts';
import { runCli, UsageError } from '../../lib/local/cli/run-cli.ts';

const USAGE = `Usage: npm run conformance -- DIR
  DIR  a folder of examples: the data of a webhook in one file each, named <event>.json`;

await runCli(async (print) => {
  const { positionals } = parseArguments({ allowPositionals: true }, USAGE);
  const [folder, ...others] = positionals;
  if (folder === undefined || others.length > 0)
    throw new UsageError(`Expected one folder.\n${USAGE}`);

  const rows: string[][] = [['event', ...FORMATS]];
  const details: string[] = [];
  const statuses: ConformanceStatus[] = [];
  for (const file of await listExamples(folder)) {
    const event = basename(file, '.json');
    const data = await readJson(join(folder, file));
    const results = await Promise.all(FORMATS.map((format) => receiveExample(format, event, data)));
    rows.push([event, ...results.map(({ status }) => status)]);
    statuses.push(...results.map(({ status }) => status));
    details.push(
      ...results.flatMap((result, index) =>
        result.details.map((detail) => escapeLine(`${event}, ${FORMATS[index]}: ${detail}`)),
      ),
    );
  }

  const count = (expected: ConformanceStatus): number =>
    statuses.filter((status) => status === expected).length;
  print(formatTable(rows));
  if (details.length > 0) print(`\n${details.join('\n')}`);
  print(
    `\n${rows.length - 1} examples, ${statuses.length} webhooks: ${count('queued')} queued, ` +
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
