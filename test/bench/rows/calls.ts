import { countCalls, countCallsWithOnce } from '../calls.ts';
import type { Bench } from '../open-bench.ts';
import type { BenchRow } from '../row.ts';

/** Each webhook is delivered to both: to a queue of AWS, and to an HTTP receiver. */
const DELIVERIES = 2;

/** How often AWS is called, as the emulators count it. */
export async function measureCalls({ log }: Bench): Promise<BenchRow[]> {
  log('calls of AWS, counted at the emulators ...');
  const { webhooks, receive, fanOut } = await countCalls();
  const withOnce = await countCallsWithOnce();
  const idempotencyCalls = fanOut.filter((call) => call.startsWith('dynamodb:'));
  const row = (
    label: string,
    measured: number,
    atMost: number,
    calls: readonly string[],
  ): BenchRow => ({
    label,
    measured,
    unit: ' calls',
    target: { atMost },
    control: null,
    detail: [...new Set(calls.map((call) => call.split(' ')[0]))].join(', '),
  });
  return [
    row('calls: receive, a webhook', receive.length / webhooks, 1, receive),
    row(
      'calls: the idempotency table, a delivery',
      idempotencyCalls.length / (webhooks * DELIVERIES),
      2,
      idempotencyCalls,
    ),
    row(
      'calls: the idempotency table, a delivery with `deduplicateBy`',
      withOnce.length,
      4,
      withOnce,
    ),
    row(
      'calls: fanOut beside the idempotency table, a record with one destination of AWS',
      (fanOut.length - idempotencyCalls.length) / webhooks,
      1,
      fanOut.filter((call) => !idempotencyCalls.includes(call)),
    ),
  ];
}
