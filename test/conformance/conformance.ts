import { readdir, readFile } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { StartError } from '../../lib/local/emulator/start-error.ts';
import { readArguments } from '../../lib/local/cli/arguments.ts';
import { FORMS, receiveExample, type Verdict } from './run.ts';
import { table } from '../../lib/local/cli/table.ts';
import { runTool, UsageError } from '../../lib/local/cli/run-cli.ts';

const USAGE = `Usage: npm run conformance -- DIR
  DIR  a folder of examples: what stands in a webhook's data, a file each, named <event>.json`;

await runTool(async (say) => {
  const { positionals } = readArguments({ allowPositionals: true }, USAGE);
  const [folder, ...others] = positionals;
  if (folder === undefined || others.length > 0) throw new UsageError(`Name one folder.\n${USAGE}`);

  const rows: string[][] = [['event', ...FORMS]];
  const details: string[] = [];
  const verdicts: Verdict[] = [];
  for (const file of await examplesOf(folder)) {
    const event = basename(file, '.json');
    const data = await readJson(join(folder, file));
    const results = await Promise.all(FORMS.map((form) => receiveExample(form, event, data)));
    rows.push([event, ...results.map(({ verdict }) => verdict)]);
    verdicts.push(...results.map(({ verdict }) => verdict));
    details.push(
      ...results.flatMap((result, at) =>
        result.details.map((detail) => `${event}, ${FORMS[at]}: ${detail}`),
      ),
    );
  }

  const count = (wanted: Verdict): number =>
    verdicts.filter((verdict) => verdict === wanted).length;
  say(table(rows));
  if (details.length > 0) say(`\n${details.join('\n')}`);
  say(
    `\n${rows.length - 1} examples, ${verdicts.length} webhooks: ${count('queued')} queued, ` +
      `${count('quarantined')} quarantined, ${count('leaves lost')} with leaves lost, ${count('error')} errors.`,
  );
  return count('queued') === verdicts.length ? 0 : 1;
});

async function examplesOf(folder: string): Promise<string[]> {
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
