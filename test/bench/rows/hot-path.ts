import { ratioOf } from '../compare.ts';
import type { Lab } from '../lab.ts';
import type { Row } from '../row.ts';
import { benchBody, forgedEvent, genuineEvent, signed } from '../webhooks.ts';

const ROUNDS = 5;

/** What a warm receive costs in CPU time. */
export async function hotPathRows({ builder, cpuMicros, envOf, say }: Lab): Promise<Row[]> {
  say('the hot path of receive ...');
  const floor = await builder.bundle('test/bench/subjects/floor.ts', 'floor');
  const ours = await builder.bundle('test/bench/subjects/understanding.ts', 'understanding');
  const input = signed(benchBody());
  const path = await ratioOf(ROUNDS, cpuMicros(ours, input), cpuMicros(floor, input));

  say('forged against genuine ...');
  const receive = await builder.bundle('functions/receive.ts', 'receive');
  const env = envOf('receive');
  const forged = await ratioOf(
    ROUNDS,
    cpuMicros(receive, forgedEvent(), env),
    cpuMicros(receive, genuineEvent(), env),
  );
  const detail = (of: { ours: number; base: number }): string =>
    `${of.ours.toFixed(1)} us / ${of.base.toFixed(1)} us`;
  return [
    {
      what: 'receive: verify, parse, validate, normalise, serialise / floor',
      measured: path.ratio,
      unit: '',
      bar: { atMost: 1.6 },
      control: path.control,
      detail: detail(path),
    },
    {
      what: 'receive: a forged webhook / a genuine one with its call of SQS',
      measured: forged.ratio,
      unit: '',
      bar: { atMost: 0.25 },
      control: forged.control,
      detail: detail(forged),
    },
  ];
}
