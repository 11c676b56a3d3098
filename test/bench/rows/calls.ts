import { countCalls, countCallsWithOnce } from '../calls.ts';
import type { Lab } from '../lab.ts';
import type { Row } from '../row.ts';

/** Each webhook is delivered to both: to a queue of AWS, and to an HTTP receiver. */
const DELIVERIES = 2;

/** How often AWS is called, as the emulators count it. */
export async function callRows({ say }: Lab): Promise<Row[]> {
  say('calls of AWS, counted at the emulators ...');
  const { webhooks, receive, fanOut } = await countCalls();
  const withOnce = await countCallsWithOnce();
  const toLedger = fanOut.filter((call) => call.startsWith('dynamodb:'));
  const row = (what: string, measured: number, atMost: number, calls: readonly string[]): Row => ({
    what,
    measured,
    unit: ' calls',
    bar: { atMost },
    control: null,
    detail: [...new Set(calls.map((call) => call.split(' ')[0]))].join(', '),
  });
  return [
    row('calls: receive, a webhook', receive.length / webhooks, 1, receive),
    row('calls: the ledger, a delivery', toLedger.length / (webhooks * DELIVERIES), 2, toLedger),
    row('calls: the ledger, a delivery with `once`', withOnce.length, 4, withOnce),
    row(
      'calls: fanOut beside the ledger, a record with one destination of AWS',
      (fanOut.length - toLedger.length) / webhooks,
      1,
      fanOut.filter((call) => !toLedger.includes(call)),
    ),
  ];
}
