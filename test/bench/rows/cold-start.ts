import { createBatch } from '../create-batch.ts';
import { measureInTurn, measureRatio } from '../compare.ts';
import type { Bench } from '../open-bench.ts';
import type { BenchRow } from '../row.ts';
import { genuineEvent } from '../webhooks.ts';

const ROUNDS = 30;

/** How much longer than an empty handler a cold process takes until its first response. */
export async function measureColdStarts(bench: Bench): Promise<BenchRow[]> {
  const { builder, cold, getEnv, log } = bench;
  log('cold starts ...');
  const empty = await builder.bundle('test/bench/measured/empty.ts', 'empty');
  const measure = async (
    label: string,
    source: string,
    [functionName, event]: readonly [string, unknown],
    target: BenchRow['target'],
  ): Promise<BenchRow> => {
    const bundle = await builder.bundle(source, source.replaceAll('/', '-'));
    const env = getEnv(functionName);
    const ours = () => cold.start({ bundle, env, event });
    const base = () => cold.start({ bundle: empty, env, event });
    // the first ones read files from the disk
    await measureInTurn(2, { ours, base });
    const coldRatio = await measureRatio(ROUNDS, ours, base);
    const detail = `${coldRatio.ours.toFixed(1)} ms / ${coldRatio.base.toFixed(1)} ms`;
    return {
      label,
      measured: coldRatio.ratio,
      unit: '',
      target,
      control: coldRatio.control,
      detail,
    };
  };
  const webhookEvent = ['receive', genuineEvent()] as const;
  const batchEvent = ['fanOut', createBatch(1)] as const;
  const subjects = 'test/bench/subjects';
  return [
    await measure(
      'receive: cold process until its first response / an empty handler',
      'functions/receive.ts',
      webhookEvent,
      { atMost: 1.7 },
    ),
    await measure(
      'the SQS client alone, as it is bundled here, one call: the same',
      `${subjects}/sqs-alone.ts`,
      webhookEvent,
      null,
    ),
    await measure('fanOut: the same', 'functions/fan-out.ts', batchEvent, { atMost: 2.2 }),
    await measure(
      'the clients of SQS and DynamoDB alone, one call of each: the same',
      `${subjects}/sqs-and-dynamodb-alone.ts`,
      batchEvent,
      null,
    ),
  ];
}
