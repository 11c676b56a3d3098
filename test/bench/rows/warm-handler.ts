import { measureAgainstFloor, measureRatio } from '../compare.ts';
import type { Bench } from '../open-bench.ts';
import type { BenchRow } from '../row.ts';
import { forgedEvent, genuineEvent, messageEvent } from '../webhooks.ts';

const ROUNDS = 5;

/** What a warm receive costs in CPU time. */
export async function measureWarmHandler({
  builder,
  cpuMicros,
  getEnv,
  log,
}: Bench): Promise<BenchRow[]> {
  log('the warm handler of receive ...');
  const env = getEnv('receive');
  const receive = await builder.bundle('functions/receive.ts', 'receive');
  const sqsAlone = await builder.bundle('test/bench/subjects/sqs-alone.ts', 'sqs-alone');
  const genuine = cpuMicros(receive, genuineEvent(), env);
  const whole = await measureAgainstFloor(
    ROUNDS,
    genuine,
    cpuMicros(sqsAlone, messageEvent(), env),
  );
  const forged = await measureRatio(ROUNDS, cpuMicros(receive, forgedEvent(), env), genuine);
  const formatDetail = (times: { ours: number; base: number }): string =>
    `${times.ours.toFixed(1)} us / ${times.base.toFixed(1)} us`;
  return [
    {
      label: "receive: the whole warm handler / the SDK's SendMessage alone",
      measured: whole.ratio,
      unit: '',
      target: { atMost: 1.12 },
      control: whole.control,
      detail: formatDetail(whole),
    },
    {
      label: 'receive: a forged webhook / a genuine one',
      measured: forged.ratio,
      unit: '',
      target: { atMost: 0.25 },
      control: forged.control,
      detail: formatDetail(forged),
    },
  ];
}
