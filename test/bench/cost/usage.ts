import { createBatch } from '../create-batch.ts';
import { countCalls } from '../calls.ts';
import type { Bench } from '../open-bench.ts';
import type { FanOutInput } from '../subjects/fan-out.ts';
import { genuineEvent } from '../webhooks.ts';
import { ASSUMPTIONS } from './assumptions.ts';
import type { BillInput } from './bill.ts';

const DESTINATIONS = [1, 3, 10];
/** The number of destinations in events/fixture-destinations.ts, with which calls and log bytes are counted. */
const DECLARED_DESTINATIONS = 2;

/** Counts and measures the input of the bill. */
export async function measureUsage(bench: Bench): Promise<readonly BillInput[]> {
  const { builder, cpuMicros, getEnv, mockReceiver, log } = bench;
  log('calls and log bytes ...');
  const counted = await countCalls();
  const deliveries = counted.webhooks * DECLARED_DESTINATIONS;
  const tableCalls = counted.fanOut.filter((call) => call.startsWith('dynamodb:')).length;

  log('CPU time of the functions ...');
  const receive = await builder.bundle('functions/receive.ts', 'receive');
  const fanOut = await builder.bundle('test/bench/subjects/fan-out.ts', 'fan-out-cost');
  const receiveCpu = await cpuMicros(receive, genuineEvent(), getEnv('receive'))();
  const event = createBatch(ASSUMPTIONS.recordsPerBatch);
  const usages: BillInput[] = [];
  for (const usesTable of [true, false]) {
    for (const destinations of DESTINATIONS) {
      const input: FanOutInput = {
        event,
        urls: Array.from(
          { length: destinations },
          (_, n) => `${mockReceiver.endpoint}/accept/${n}`,
        ),
        usesTable,
        timeoutMs: null,
        usesNewHandler: false,
      };
      const batchCpu = await cpuMicros(fanOut, input, getEnv('fanOut'))();
      usages.push({
        destinations,
        usesTable,
        receiveCpuMs: receiveCpu / 1_000,
        batchCpuMs: batchCpu / 1_000,
        tableCalls: tableCalls / deliveries,
        receiveLogBytes: counted.logBytes.receive / counted.webhooks,
        deliveryLogBytes: counted.logBytes.fanOut / deliveries,
        recordBytes: Buffer.byteLength(event.Records[0]?.body ?? ''),
      });
    }
  }
  return usages;
}
