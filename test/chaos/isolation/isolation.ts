import { createSeededRandom } from '../seeded-random.ts';
import {
  HANGING_DESTINATION,
  measureDeliveryLatency,
  type Latencies,
  computePercentile,
} from './measure.ts';
import { createWebhookFactory } from '../webhooks.ts';
import { readFixtureStack } from '../../../lib/local/emulator/fixture-stack.ts';
import { parseArguments } from '../../../lib/local/cli/arguments.ts';
import { EVENTS_FOLDER, PROJECT_FOLDER } from '../../../lib/local/cli/paths.ts';
import { readWebhookSamples } from '../../../lib/local/cli/samples.ts';
import { formatTable } from '../../../lib/local/cli/table.ts';
import { runCli, UsageError } from '../../../lib/local/cli/run-cli.ts';

const USAGE = `Usage: npm run isolation [-- --per-second N] [--seconds N]
  --per-second  how many webhooks come in a second; 4 unless it is said
  --seconds     for how long, after a first half minute; 60 unless it is said`;
const DEFAULT_PER_SECOND = '4';
const DEFAULT_SECONDS = '60';
const SEED = 1;
const MAX_RATIO = 1.5;
const PHASES = ['firstHalfMinute', 'afterwards'] as const;

await runCli(async (print) => {
  const { values } = parseArguments(
    {
      options: {
        'per-second': { type: 'string', default: DEFAULT_PER_SECOND },
        seconds: { type: 'string', default: DEFAULT_SECONDS },
      },
    },
    USAGE,
  );
  const perSecond = Number(values['per-second']);
  const seconds = Number(values.seconds);
  if (!(perSecond > 0 && seconds > 0)) throw new UsageError(USAGE);

  const stack = await readFixtureStack(PROJECT_FOLDER);
  const makeWebhook = createWebhookFactory(
    await readWebhookSamples(EVENTS_FOLDER),
    createSeededRandom(SEED),
  );
  const measure = async (isHanging: boolean): Promise<Latencies> => {
    print(
      `${perSecond} webhooks a second for ${seconds} s, ${HANGING_DESTINATION} ${isHanging ? 'hanging' : 'well'} ...`,
    );
    return measureDeliveryLatency({ stack, makeWebhook, perSecond, seconds, isHanging });
  };
  const baseline = await measure(false);
  const withHanging = await measure(true);
  const row = (name: string, durationsMs: readonly number[]): string[] => [
    name,
    ...[
      durationsMs.length,
      ...[0.5, 0.99, 1].map((part) => computePercentile(durationsMs, part)),
    ].map(String),
  ];
  print(
    formatTable([
      ['from webhook to delivery, ms', 'deliveries', 'median', '99th percentile', 'longest'],
      row(`at first, ${HANGING_DESTINATION} well`, baseline.firstHalfMinute),
      row(
        `at first, ${HANGING_DESTINATION} hanging on every delivery`,
        withHanging.firstHalfMinute,
      ),
      row(`later, ${HANGING_DESTINATION} well`, baseline.afterwards),
      row(`later, ${HANGING_DESTINATION} hanging on every delivery`, withHanging.afterwards),
    ]),
  );
  const ratios = PHASES.map(
    (phase) =>
      computePercentile(withHanging[phase], 0.99) / computePercentile(baseline[phase], 0.99),
  );
  const undelivered = PHASES.map((phase) => baseline[phase].length - withHanging[phase].length);
  print(
    `99th percentile beside a hanging destination: ${ratios[0]?.toFixed(2)} times as long in the first ` +
      `half minute, ${ratios[1]?.toFixed(2)} times after it; at most ${MAX_RATIO} is good`,
  );
  print(`not delivered beside it within a minute: ${undelivered.join(' at first, ')} later`);
  const isGood =
    undelivered.every((count) => count === 0) && ratios.every((ratio) => ratio <= MAX_RATIO);
  return isGood ? 0 : 1;
});
