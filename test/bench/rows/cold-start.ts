import { batchOf } from '../batches.ts';
import { inTurn, ratioOf } from '../compare.ts';
import type { Lab } from '../lab.ts';
import type { Row } from '../row.ts';
import { genuineEvent } from '../webhooks.ts';

const ROUNDS = 30;

/** How much longer than an empty handler a cold process takes until its first answer. */
export async function coldStartRows(lab: Lab): Promise<Row[]> {
  const { builder, cold, envOf, say } = lab;
  say('cold starts ...');
  const empty = await builder.bundle('test/bench/measured/empty.ts', 'empty');
  const measure = async (
    what: string,
    source: string,
    [functionName, event]: readonly [string, unknown],
    bar: Row['bar'],
  ): Promise<Row> => {
    const bundle = await builder.bundle(source, source.replaceAll('/', '-'));
    const env = envOf(functionName);
    const ours = () => cold.start({ bundle, env, event });
    const base = () => cold.start({ bundle: empty, env, event });
    // the first ones read files from the disk
    await inTurn(2, { ours, base });
    const of = await ratioOf(ROUNDS, ours, base);
    const detail = `${of.ours.toFixed(1)} ms / ${of.base.toFixed(1)} ms`;
    return { what, measured: of.ratio, unit: '', bar, control: of.control, detail };
  };
  const aWebhook = ['receive', genuineEvent()] as const;
  const aBatch = ['fanOut', batchOf(1)] as const;
  const subjects = 'test/bench/subjects';
  return [
    await measure(
      'receive: cold process until its first answer / an empty handler',
      'functions/receive.ts',
      aWebhook,
      { atMost: 1.7 },
    ),
    await measure(
      'the SQS client alone, as it is bundled here, one call: the same',
      `${subjects}/sqs-alone.ts`,
      aWebhook,
      null,
    ),
    await measure('fanOut: the same', 'functions/fan-out.ts', aBatch, { atMost: 2.2 }),
    await measure(
      'the clients of SQS and DynamoDB alone, one call of each: the same',
      `${subjects}/sqs-and-dynamodb-alone.ts`,
      aBatch,
      null,
    ),
  ];
}
