import { createBatch } from '../create-batch.ts';
import { measureAgainstFloor, measureInTurn } from '../compare.ts';
import type { Bench } from '../open-bench.ts';
import type { BenchRow } from '../row.ts';
import { genuineEvent, messageEvent } from '../webhooks.ts';

const ROUNDS = 30;
/** The first processes read their files from the disk. */
const WARM_UP_ROUNDS = 2;
/** What our own code may add to the clients that the project has chosen. */
const TARGET = { atMost: 1.25 };

/**
 * How long a cold process takes until its first response, without what Node and the runtime client take:
 * the functions, divided by the SDK's clients alone.
 */
export async function measureColdStarts({
  builder,
  cold,
  getEnv,
  log,
}: Bench): Promise<BenchRow[]> {
  log('cold starts ...');
  const emptyBundle = await builder.bundle('test/bench/measured/empty.ts', 'empty');
  const row = async (
    label: string,
    functionName: string,
    [source, event]: readonly [string, unknown],
    [floorSource, floorEvent]: readonly [string, unknown],
  ): Promise<BenchRow> => {
    const env = getEnv(functionName);
    const bundle = await builder.bundle(source, `cold-${functionName}`);
    const floorBundle = await builder.bundle(floorSource, `cold-floor-${functionName}`);
    const ours = () => cold.start({ bundle, env, event });
    const floor = () => cold.start({ bundle: floorBundle, env, event: floorEvent });
    const empty = () => cold.start({ bundle: emptyBundle, env, event });
    await measureInTurn(WARM_UP_ROUNDS, { ours, floor, empty });
    const net = await measureAgainstFloor(ROUNDS, ours, floor, empty);
    return {
      label,
      measured: net.ratio,
      unit: '',
      target: TARGET,
      control: net.control,
      detail: `${net.ours.toFixed(1)} ms / ${net.base.toFixed(1)} ms, each without an empty handler's`,
    };
  };
  const subjects = 'test/bench/subjects';
  return [
    await row(
      'receive: cold start / the SQS client alone',
      'receive',
      ['functions/receive.ts', genuineEvent()],
      [`${subjects}/sqs-alone.ts`, messageEvent()],
    ),
    await row(
      'fanOut: cold start / the SQS and DynamoDB clients alone',
      'fanOut',
      ['functions/fan-out.ts', createBatch(1)],
      [`${subjects}/sqs-and-dynamodb-alone.ts`, messageEvent()],
    ),
  ];
}
