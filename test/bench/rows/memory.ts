import { createBatch } from '../create-batch.ts';
import type { Bench } from '../open-bench.ts';
import type { BenchRow } from '../row.ts';
import { genuineEvent } from '../webhooks.ts';

const WEBHOOKS = 100_000;
const WARM_WEBHOOKS = 20_000;
const BATCH = 10;
const MB = 1_048_576;

/** Whether the heap of a warm handler, as it is deployed, grows with the number of invocations. */
export async function measureMemory({ builder, repeat, getEnv, log }: Bench): Promise<BenchRow[]> {
  log(`${WEBHOOKS} webhooks through warm handlers (takes minutes) ...`);
  const receive = await builder.bundle('functions/receive.ts', 'receive');
  const fanOut = await builder.bundle('functions/fan-out.ts', 'fan-out');
  const measureHeap = async (bundle: string, name: string, input: unknown, size: number) =>
    repeat(
      { bundle, input, env: getEnv(name) },
      { kind: 'heap', warmTimes: WARM_WEBHOOKS / size, times: WEBHOOKS / size },
    );
  const heaps = await Promise.all([
    measureHeap(receive, 'receive', genuineEvent(), 1),
    measureHeap(fanOut, 'fanOut', createBatch(BATCH), BATCH),
  ]);
  return heaps.flatMap((heap, n): BenchRow[] => {
    if (heap.kind !== 'heap') return [];
    const formatMb = (bytes: number): string => `${(bytes / MB).toFixed(1)} MB`;
    return [
      {
        label: `memory: heap growth of ${n === 0 ? 'receive' : 'fanOut'} over 100,000 webhooks`,
        measured: (heap.later / heap.warm - 1) * 100,
        unit: ' %',
        target: { atMost: 5 },
        control: null,
        detail: `${formatMb(heap.warm)} after 20,000, ${formatMb(heap.later)} after 120,000`,
      },
    ];
  });
}
