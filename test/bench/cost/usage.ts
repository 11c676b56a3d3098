import { batchOf } from '../batches.ts';
import { countCalls } from '../calls.ts';
import type { Lab } from '../lab.ts';
import type { FanOutInput } from '../subjects/fan-out.ts';
import { genuineEvent } from '../webhooks.ts';
import { ASSUMED } from './assumptions.ts';
import type { Usage } from './bill.ts';

const DESTINATIONS = [1, 3, 10];
/** Of functions/destinations.ts, which calls and lines of the log are counted with. */
const DECLARED_DESTINATIONS = 2;

/** Counts and measures what the bill is made of. */
export async function measureUsage(lab: Lab): Promise<readonly Usage[]> {
  const { builder, cpuMicros, envOf, sink, say } = lab;
  say('calls and lines of the log ...');
  const counted = await countCalls();
  const deliveries = counted.webhooks * DECLARED_DESTINATIONS;
  const ledgerCalls = counted.fanOut.filter((call) => call.startsWith('dynamodb:')).length;

  say('CPU time of the functions ...');
  const receive = await builder.bundle('functions/receive.ts', 'receive');
  const fanOut = await builder.bundle('test/bench/subjects/fan-out.ts', 'fan-out-cost');
  const receiveCpu = await cpuMicros(receive, genuineEvent(), envOf('receive'))();
  const event = batchOf(ASSUMED.recordsABatch);
  const usages: Usage[] = [];
  for (const ledger of [true, false]) {
    for (const destinations of DESTINATIONS) {
      const input: FanOutInput = {
        event,
        urls: Array.from({ length: destinations }, (_, n) => `${sink.endpoint}/take/${n}`),
        ledger,
        timeLimitMs: null,
        newHandlerEachTime: false,
      };
      const batchCpu = await cpuMicros(fanOut, input, envOf('fanOut'))();
      usages.push({
        destinations,
        ledger,
        receiveCpuMs: receiveCpu / 1_000,
        batchCpuMs: batchCpu / 1_000,
        ledgerCalls: ledgerCalls / deliveries,
        receiveLogBytes: counted.logBytes.receive / counted.webhooks,
        deliveryLogBytes: counted.logBytes.fanOut / deliveries,
        recordBytes: Buffer.byteLength(event.Records[0]?.body ?? ''),
      });
    }
  }
  return usages;
}
