import { createSeededRandom } from '../seeded-random.ts';
import {
  HANGING_DESTINATION,
  measureDeliveryLatency,
  type Latencies,
  computePercentile,
} from './measure.ts';
import { createWebhookFactory } from '../webhooks.ts';
import { readChaosStack } from '../read-stack.ts';
import { parseArguments } from '../../../lib/local/cli/arguments.ts';
import { EVENTS_FOLDER, PROJECT_FOLDER } from '../../../lib/local/cli/paths.ts';
import { readWebhookSamples } from '../../../lib/local/cli/samples.ts';
import { formatTable } from '../../../lib/local/cli/table.ts';
import { runCli, UsageError } from '../../../lib/local/cli/run-cli.ts';

const USAGE = `Usage: npm run isolation [-- --per-second N] [--seconds N]
  --per-second  how many webhooks are sent per second (default: 4)
  --seconds     for how many seconds after the first half minute (default: 60)`;
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
  if (!(perSecond > 0 && seconds > 0))
    throw new UsageError(`--per-second and --seconds are numbers above 0.\n${USAGE}`);

  const stack = await readChaosStack(PROJECT_FOLDER);
  const makeWebhook = createWebhookFactory(
    await readWebhookSamples(EVENTS_FOLDER),
    createSeededRandom(SEED),
  );
  const measure = async (isHanging: boolean): Promise<Latencies> => {
    print(
      `${perSecond} webhooks per second for ${seconds} s, ${HANGING_DESTINATION} ${isHanging ? 'hangs' : 'responds'} ...`,
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
      ['latency from webhook to delivery, ms', 'deliveries', 'p50', 'p99', 'max'],
      row(`first half minute, ${HANGING_DESTINATION} responds`, baseline.firstHalfMinute),
      row(`first half minute, ${HANGING_DESTINATION} hangs`, withHanging.firstHalfMinute),
      row(`afterwards, ${HANGING_DESTINATION} responds`, baseline.afterwards),
      row(`afterwards, ${HANGING_DESTINATION} hangs`, withHanging.afterwards),
    ]),
  );
  const ratios = PHASES.map(
    (phase) =>
      computePercentile(withHanging[phase], 0.99) / computePercentile(baseline[phase], 0.99),
  );
  const undelivered = PHASES.map((phase) => baseline[phase].length - withHanging[phase].length);
  print(
    `p99 of the other destinations while one hangs: ${ratios[0]?.toFixed(2)} times as high in the first ` +
      `half minute, ${ratios[1]?.toFixed(2)} times afterwards (target: at most ${MAX_RATIO})`,
  );
  print(
    `not delivered within a minute while one hangs: ${undelivered.join(' in the first half minute, ')} afterwards`,
  );
  const withoutResponse = baseline.withoutResponse + withHanging.withoutResponse;
  if (withoutResponse > 0)
    print(
      `${withoutResponse} webhooks got no response in time: this machine is too busy to measure on. Stop other programs and run this again.`,
    );
  const isGood =
    withoutResponse === 0 &&
    undelivered.every((count) => count === 0) &&
    ratios.every((ratio) => ratio <= MAX_RATIO);
  return isGood ? 0 : 1;
});
