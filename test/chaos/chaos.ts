import { randomInt } from 'node:crypto';
import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { chaosReport } from './report.ts';
import { runChaos } from './run.ts';
import { printServerlessConfiguration } from '../../lib/local/emulator/serverless-print.ts';
import { describeStack } from '../../lib/local/emulator/stack.ts';
import { readArguments } from '../../lib/local/cli/arguments.ts';
import { EVENTS_FOLDER, PROJECT_FOLDER } from '../../lib/local/cli/paths.ts';
import { readWebhookSamples } from '../../lib/local/cli/samples.ts';
import { runTool, UsageError } from '../../lib/local/cli/run-cli.ts';

const USAGE = `Usage: npm run chaos [-- --webhooks N] [--seed S]
  --webhooks  how many webhooks are sent; 1000 unless it is said
  --seed      repeats the faults of a run; by chance unless it is said`;
const USUAL_WEBHOOKS = 1_000;
const SEEDS = 1_000_000;

await runTool(async (say) => {
  const { values } = readArguments(
    { options: { webhooks: { type: 'string' }, seed: { type: 'string' } } },
    USAGE,
  );
  const webhooks = wholeNumber(values.webhooks) ?? USUAL_WEBHOOKS;
  const seed = wholeNumber(values.seed) ?? randomInt(SEEDS);
  say(`seed: ${seed}, webhooks: ${webhooks}`);
  const startedAt = performance.now();
  const stack = describeStack(await printServerlessConfiguration(PROJECT_FOLDER, 'local'));
  const samples = await readWebhookSamples(EVENTS_FOLDER);
  const seconds = (): string => ((performance.now() - startedAt) / 1_000).toFixed(0);
  const outcome = await runChaos({
    stack,
    samples,
    seed,
    webhooks,
    onProgress: (text) => say(`${seconds()} s: ${text}`),
  });
  const report = chaosReport(outcome);
  await mkdir(join(PROJECT_FOLDER, '.local'), { recursive: true });
  const file = join('.local', `chaos-${seed}.txt`);
  await writeFile(join(PROJECT_FOLDER, file), `${report.details}\n`);
  say(
    `\nseed: ${seed}, ${seconds()} s; every repetition and dead letter with its cause: ${file}\n`,
  );
  say(report.text);
  return report.good ? 0 : 1;
});

function wholeNumber(option: string | undefined): number | null {
  if (option === undefined) return null;
  if (!/^\d{1,9}$/.test(option)) throw new UsageError(`${option} is no whole number.\n${USAGE}`);
  return Number(option);
}
