import { createChance } from '../seeded-random.ts';
import { HANGING, measureDeliveries, type Measured, percentile } from './measure.ts';
import { webhookMaker } from '../webhooks.ts';
import { printServerlessConfiguration } from '../../../lib/local/emulator/serverless-print.ts';
import { describeStack } from '../../../lib/local/emulator/stack.ts';
import { readArguments } from '../../../lib/local/cli/arguments.ts';
import { EVENTS_FOLDER, PROJECT_FOLDER } from '../../../lib/local/cli/paths.ts';
import { readWebhookSamples } from '../../../lib/local/cli/samples.ts';
import { table } from '../../../lib/local/cli/table.ts';
import { runTool, UsageError } from '../../../lib/local/cli/run-cli.ts';

const USAGE = `Usage: npm run isolation [-- --per-second N] [--seconds N]
  --per-second  how many webhooks come in a second; 4 unless it is said
  --seconds     for how long, after a first half minute; 60 unless it is said`;
const USUAL_PER_SECOND = '4';
const USUAL_SECONDS = '60';
const SEED = 1;
const MOST_TIMES_AS_LONG = 1.5;
const PHASES = ['atFirst', 'later'] as const;

await runTool(async (say) => {
  const { values } = readArguments(
    {
      options: {
        'per-second': { type: 'string', default: USUAL_PER_SECOND },
        seconds: { type: 'string', default: USUAL_SECONDS },
      },
    },
    USAGE,
  );
  const perSecond = Number(values['per-second']);
  const seconds = Number(values.seconds);
  if (!(perSecond > 0 && seconds > 0)) throw new UsageError(USAGE);

  const stack = describeStack(await printServerlessConfiguration(PROJECT_FOLDER, 'local'));
  const webhook = webhookMaker(await readWebhookSamples(EVENTS_FOLDER), createChance(SEED));
  const measure = async (hanging: boolean): Promise<Measured> => {
    say(
      `${perSecond} webhooks a second for ${seconds} s, ${HANGING} ${hanging ? 'hanging' : 'well'} ...`,
    );
    return measureDeliveries({ stack, webhook, perSecond, seconds, hanging });
  };
  const well = await measure(false);
  const beside = await measure(true);
  const row = (name: string, took: readonly number[]): string[] => [
    name,
    ...[took.length, ...[0.5, 0.99, 1].map((part) => percentile(took, part))].map(String),
  ];
  say(
    table([
      ['from webhook to delivery, ms', 'deliveries', 'median', '99th percentile', 'longest'],
      row(`at first, ${HANGING} well`, well.atFirst),
      row(`at first, ${HANGING} hanging on every delivery`, beside.atFirst),
      row(`later, ${HANGING} well`, well.later),
      row(`later, ${HANGING} hanging on every delivery`, beside.later),
    ]),
  );
  const ratios = PHASES.map(
    (phase) => percentile(beside[phase], 0.99) / percentile(well[phase], 0.99),
  );
  const missing = PHASES.map((phase) => well[phase].length - beside[phase].length);
  say(
    `99th percentile beside a hanging destination: ${ratios[0]?.toFixed(2)} times as long in the first ` +
      `half minute, ${ratios[1]?.toFixed(2)} times after it; at most ${MOST_TIMES_AS_LONG} is good`,
  );
  say(`not delivered beside it within a minute: ${missing.join(' at first, ')} later`);
  const good =
    missing.every((count) => count === 0) && ratios.every((ratio) => ratio <= MOST_TIMES_AS_LONG);
  return good ? 0 : 1;
});
