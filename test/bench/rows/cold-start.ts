import { createBatch } from '../create-batch.ts';
import { type Measure, measureAgainstFloor, measureInTurn, median } from '../compare.ts';
import type { ColdSubject } from '../cold.ts';
import type { Bench } from '../open-bench.ts';
import type { BenchRow } from '../row.ts';
import { genuineEvent, messageEvent } from '../webhooks.ts';

const ROUNDS = 30;
/** The first processes read their files from the disk. */
const WARM_UP_ROUNDS = 2;
/** What our own code may add to the clients that the project has chosen. */
const TARGET = { atMost: 1.25 };

/**
 * The CPU time of a cold process until its first response, without what Node and the runtime client take:
 * the functions, divided by the SDK's clients with the same calls. CPU time, because below 1,769 MB Lambda
 * gives a function only a share of a core, and because other load on the machine changes it little.
 */
export async function measureColdStarts({
  builder,
  cold,
  getEnv,
  log,
}: Bench): Promise<BenchRow[]> {
  log('cold starts ...');
  const emptyBundle = await builder.bundle('test/bench/measured/empty.ts', 'empty');
  const createRecorder = (
    subject: ColdSubject,
  ): { readonly measure: Measure; readonly medianWallMs: () => number } => {
    const wallMs: number[] = [];
    return {
      async measure() {
        const start = await cold.start(subject);
        wallMs.push(start.wallMs);
        return start.cpuMs;
      },
      medianWallMs: () => median(wallMs),
    };
  };
  const row = async (
    label: string,
    functionName: string,
    [source, event]: readonly [string, unknown],
    [floorSource, floorEvent]: readonly [string, unknown],
  ): Promise<BenchRow> => {
    const env = getEnv(functionName);
    const bundle = await builder.bundle(source, `cold-${functionName}`);
    const floorBundle = await builder.bundle(floorSource, `cold-floor-${functionName}`);
    const ours = createRecorder({ bundle, env, event });
    const floor = createRecorder({ bundle: floorBundle, env, event: floorEvent });
    const empty = createRecorder({ bundle: emptyBundle, env, event });
    const warmUp = { ours: ours.measure, floor: floor.measure, empty: empty.measure };
    await measureInTurn(WARM_UP_ROUNDS, warmUp);
    const net = await measureAgainstFloor(ROUNDS, ours.measure, floor.measure, empty.measure);
    const netWallMs = (subject: typeof ours): string =>
      (subject.medianWallMs() - empty.medianWallMs()).toFixed(1);
    return {
      label,
      measured: net.ratio,
      unit: '',
      target: TARGET,
      control: net.control,
      detail:
        `${net.ours.toFixed(1)} ms / ${net.base.toFixed(1)} ms of CPU, ` +
        `${netWallMs(ours)} ms / ${netWallMs(floor)} ms of time`,
    };
  };
  const subjects = 'test/bench/subjects';
  return [
    await row(
      'receive: cold start / the SQS client alone, both net of an empty handler',
      'receive',
      ['functions/receive.ts', genuineEvent()],
      [`${subjects}/sqs-alone.ts`, messageEvent()],
    ),
    await row(
      'fanOut: cold start / the SQS and DynamoDB clients alone, both net',
      'fanOut',
      ['functions/fan-out.ts', createBatch(1)],
      [`${subjects}/sqs-and-dynamodb-alone.ts`, messageEvent()],
    ),
  ];
}
