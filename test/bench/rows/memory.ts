import { batchOf } from '../batches.ts';
import type { Lab } from '../lab.ts';
import type { Row } from '../row.ts';
import { genuineEvent } from '../webhooks.ts';

const WEBHOOKS = 100_000;
const WARM_WEBHOOKS = 20_000;
const BATCH = 10;
const MB = 1_048_576;

/** Whether warm handlers, as they are deployed, keep anything of what went through them. */
export async function memoryRows({ builder, repeat, envOf, say }: Lab): Promise<Row[]> {
  say(`${WEBHOOKS} webhooks through warm handlers (some minutes) ...`);
  const receive = await builder.bundle('functions/receive.ts', 'receive');
  const fanOut = await builder.bundle('functions/fan-out.ts', 'fan-out');
  const through = async (bundle: string, name: string, input: unknown, size: number) =>
    repeat(
      { bundle, input, env: envOf(name) },
      { kind: 'heap', warmTimes: WARM_WEBHOOKS / size, times: WEBHOOKS / size },
    );
  const heaps = await Promise.all([
    through(receive, 'receive', genuineEvent(), 1),
    through(fanOut, 'fanOut', batchOf(BATCH), BATCH),
  ]);
  return heaps.flatMap((heap, n): Row[] => {
    if (heap.kind !== 'heap') return [];
    const inMb = (bytes: number): string => `${(bytes / MB).toFixed(1)} MB`;
    return [
      {
        what: `memory: growth of the heap of ${n === 0 ? 'receive' : 'fanOut'} over 100,000 webhooks`,
        measured: (heap.later / heap.warm - 1) * 100,
        unit: ' %',
        bar: { atMost: 5 },
        control: null,
        detail: `${inMb(heap.warm)} after 20,000, ${inMb(heap.later)} after 120,000`,
      },
    ];
  });
}
