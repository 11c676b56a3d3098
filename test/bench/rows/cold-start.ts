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
  const receive = await builder.bundle('functions/receive.ts', 'receive');
  const sqsAlone = await builder.bundle('test/bench/subjects/sqs-alone.ts', 'sqs-alone');
  const fanOut = await builder.bundle('functions/fan-out.ts', 'fan-out');
  const event = genuineEvent();
  const batch = batchOf(1);
  const start = (bundle: string, functionName: string, input: unknown) => () =>
    cold.start({ bundle, env: envOf(functionName), event: input });
  // the first ones read files from the disk
  await inTurn(2, {
    empty: start(empty, 'receive', event),
    receive: start(receive, 'receive', event),
    sqsAlone: start(sqsAlone, 'receive', event),
    fanOut: start(fanOut, 'fanOut', batch),
  });
  const ofReceive = await ratioOf(
    ROUNDS,
    start(receive, 'receive', event),
    start(empty, 'receive', event),
  );
  const ofSqsAlone = await ratioOf(
    ROUNDS,
    start(sqsAlone, 'receive', event),
    start(empty, 'receive', event),
  );
  const ofFanOut = await ratioOf(
    ROUNDS,
    start(fanOut, 'fanOut', batch),
    start(empty, 'fanOut', batch),
  );
  const detail = ({ ours, base }: { ours: number; base: number }): string =>
    `${ours.toFixed(1)} ms / ${base.toFixed(1)} ms`;
  return [
    {
      what: 'receive: cold process until its first answer / an empty handler',
      measured: ofReceive.ratio,
      unit: '',
      bar: { atMost: 1.7 },
      control: ofReceive.control,
      detail: detail(ofReceive),
    },
    {
      what: 'the SQS client alone, as it is bundled here, one message: the same',
      measured: ofSqsAlone.ratio,
      unit: '',
      bar: null,
      control: ofSqsAlone.control,
      detail: detail(ofSqsAlone),
    },
    {
      what: 'fanOut: cold process until its first answer / an empty handler',
      measured: ofFanOut.ratio,
      unit: '',
      bar: { atMost: 2.2 },
      control: ofFanOut.control,
      detail: detail(ofFanOut),
    },
  ];
}
