import { randomInt } from 'node:crypto';
import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { formatChaosReport } from './report.ts';
import { runChaos } from './run.ts';
import { readChaosStack } from './read-stack.ts';
import { parseArguments } from '../../lib/local/cli/arguments.ts';
import { EVENTS_FOLDER, PROJECT_FOLDER } from '../../lib/local/cli/paths.ts';
import { readWebhookSamples } from '../../lib/local/cli/samples.ts';
import { runCli, UsageError } from '../../lib/local/cli/run-cli.ts';

const USAGE = `Usage: npm run chaos [-- --webhooks N] [--seed S]
  --webhooks  how many webhooks are sent (default: 1000)
  --seed      repeats the faults of an earlier run (default: random)`;
const DEFAULT_WEBHOOKS = 1_000;
const SEED_RANGE = 1_000_000;

await runCli(async (print) => {
  const { values } = parseArguments(
    { options: { webhooks: { type: 'string' }, seed: { type: 'string' } } },
    USAGE,
  );
  const webhookCount = parseWholeNumber(values.webhooks) ?? DEFAULT_WEBHOOKS;
  const seed = parseWholeNumber(values.seed) ?? randomInt(SEED_RANGE);
  print(`seed: ${seed}, webhooks: ${webhookCount}`);
  const startedAt = performance.now();
  const stack = await readChaosStack(PROJECT_FOLDER);
  const samples = await readWebhookSamples(EVENTS_FOLDER);
  const elapsedSeconds = (): string => ((performance.now() - startedAt) / 1_000).toFixed(0);
  const result = await runChaos({
    stack,
    samples,
    seed,
    webhookCount,
    onProgress: (text) => print(`${elapsedSeconds()} s: ${text}`),
  });
  const report = formatChaosReport(result);
  await mkdir(join(PROJECT_FOLDER, '.local'), { recursive: true });
  const file = join('.local', `chaos-${seed}.txt`);
  await writeFile(join(PROJECT_FOLDER, file), `${report.anomalies}\n`);
  print(
    `\nseed: ${seed}, ${elapsedSeconds()} s; every duplicate and dead letter with its cause: ${file}\n`,
  );
  print(report.text);
  return report.hasPassed ? 0 : 1;
});

function parseWholeNumber(option: string | undefined): number | null {
  if (option === undefined) return null;
  if (!/^\d{1,9}$/.test(option)) throw new UsageError(`${option} is not a whole number.\n${USAGE}`);
  return Number(option);
}
