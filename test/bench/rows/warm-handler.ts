import { measureRatio } from '../compare.ts';
import type { Bench } from '../open-bench.ts';
import type { BenchRow } from '../row.ts';
import { benchBody, forgedEvent, genuineEvent, signBody } from '../webhooks.ts';

const ROUNDS = 5;

/** What a warm receive costs in CPU time. */
export async function measureHotPath({
  builder,
  cpuMicros,
  getEnv,
  log,
}: Bench): Promise<BenchRow[]> {
  log('the hot path of receive ...');
  const floor = await builder.bundle('test/bench/subjects/floor.ts', 'floor');
  const ours = await builder.bundle('test/bench/subjects/webhook-to-message.ts', 'understanding');
  const input = signBody(benchBody());
  const path = await measureRatio(ROUNDS, cpuMicros(ours, input), cpuMicros(floor, input));

  log('forged against genuine ...');
  const receive = await builder.bundle('functions/receive.ts', 'receive');
  const env = getEnv('receive');
  const forged = await measureRatio(
    ROUNDS,
    cpuMicros(receive, forgedEvent(), env),
    cpuMicros(receive, genuineEvent(), env),
  );
  const formatDetail = (times: { ours: number; base: number }): string =>
    `${times.ours.toFixed(1)} us / ${times.base.toFixed(1)} us`;
  return [
    {
      label: 'receive: verify, parse, validate, normalise, serialise / floor',
      measured: path.ratio,
      unit: '',
      target: { atMost: 1.6 },
      control: path.control,
      detail: formatDetail(path),
    },
    {
      label: 'receive: a forged webhook / a genuine one with its call of SQS',
      measured: forged.ratio,
      unit: '',
      target: { atMost: 0.25 },
      control: forged.control,
      detail: formatDetail(forged),
    },
  ];
}
