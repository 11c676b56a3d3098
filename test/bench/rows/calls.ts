import { countCalls, countCallsWithDeduplication } from '../calls.ts';
import type { Bench } from '../open-bench.ts';
import type { BenchRow } from '../row.ts';

/** Each webhook has two deliveries: to an SQS queue and to an HTTP receiver. */
const DELIVERIES = 2;

/** How many calls to AWS one webhook and one delivery need, counted by the emulators. */
export async function measureCalls({ log }: Bench): Promise<BenchRow[]> {
  log('calls to AWS, counted by the emulators ...');
  const { webhooks, receive, fanOut } = await countCalls();
  const withDeduplication = await countCallsWithDeduplication();
  const tableCalls = fanOut.filter((call) => call.startsWith('dynamodb:UpdateItem '));
  const indexCalls = fanOut.filter((call) => call.startsWith('dynamodb:BatchWriteItem '));
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
    row('calls: receive, per webhook', receive.length / webhooks, 1, receive),
    row(
      'calls: the deliveries table, per delivery',
      tableCalls.length / (webhooks * DELIVERIES),
      2,
      tableCalls,
    ),
    row('calls: the index rows, per record', indexCalls.length / webhooks, 1, indexCalls),
    row(
      'calls: the deliveries table, per delivery with `deduplicateBy`',
      withDeduplication.length,
      4,
      withDeduplication,
    ),
    row(
      'calls: fanOut without the deliveries table, per record with one AWS destination',
      (fanOut.length - tableCalls.length - indexCalls.length) / webhooks,
      1,
      fanOut.filter((call) => !call.startsWith('dynamodb:')),
    ),
  ];
}
