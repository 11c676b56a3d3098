import { toIndexRows } from '../../../lib/deliveries/index-rows.ts';
import { parseMessage } from '../../../lib/fan-out/queue-messages.ts';
import { indexKeys } from '../../support/delivery-index.ts';
import { createBatch } from '../create-batch.ts';
import { countCalls } from '../calls.ts';
import type { Bench } from '../open-bench.ts';
import type { FanOutInput } from '../subjects/fan-out.ts';
import type { RouteInput } from '../subjects/route.ts';
import { genuineEvent } from '../webhooks.ts';
import { COURSES } from './assumptions.ts';
import type { BillInput } from './bill.ts';

const DESTINATIONS = [1, 3, 10];
/** For the courses that are no full batches. */
const USUAL_DESTINATIONS = 3;
/** How long rows are kept by default. */
const HISTORY_DAYS = 90;
/** The number of destinations in events/fixture-destinations.ts, with which calls and log bytes are counted. */
const DECLARED_DESTINATIONS = 2;

/** The index rows of one record of a batch: how many there are, and the size of the largest. */
async function measureIndexRows(): Promise<{ readonly keys: number; readonly rowBytes: number }> {
  const message = parseMessage(createBatch(1).Records[0]?.body ?? '');
  if (message.kind !== 'record') throw new Error('A batch has records');
  const [key] = await indexKeys()();
  const destinations = Array.from({ length: USUAL_DESTINATIONS }, (_, n) => `destination-${n}`);
  const rows = toIndexRows({ record: message.record, destinations }, key, new Date(), HISTORY_DAYS);
  const sizes = rows.map((row) =>
    Object.entries(row).reduce(
      // names and values count (Amazon DynamoDB Developer Guide, "DynamoDB item sizes and formats")
      (sum, [name, value]) => sum + name.length + (value.S ?? value.N ?? '').length,
      0,
    ),
  );
  return { keys: rows.length, rowBytes: Math.max(...sizes) };
}

/** Counts and measures the input of the bill. */
export async function measureUsage(bench: Bench): Promise<readonly BillInput[]> {
  const { builder, cpuMicros, getEnv, mockReceiver, log } = bench;
  log('calls and log bytes ...');
  const counted = await countCalls();
  const deliveries = counted.webhooks * DECLARED_DESTINATIONS;
  const tableCalls = counted.fanOut.filter((call) =>
    call.startsWith('dynamodb:UpdateItem '),
  ).length;

  log('CPU time of the functions ...');
  const receive = await builder.bundle('functions/receive.ts', 'receive');
  const fanOut = await builder.bundle('test/bench/subjects/fan-out.ts', 'fan-out-cost');
  const route = await builder.bundle('test/bench/subjects/route.ts', 'route-cost');
  const receiveCpu = await cpuMicros(receive, genuineEvent(), getEnv('receive'))();
  const usages: BillInput[] = [];
  const indexRows = await measureIndexRows();
  for (const course of COURSES) {
    const event = createBatch(course.perBatch);
    const deliverInput: FanOutInput = {
      event,
      urls: [`${mockReceiver.endpoint}/accept/0`],
      usesTable: true,
      timeoutMs: null,
      usesNewHandler: false,
    };
    const deliverCpu = await cpuMicros(fanOut, deliverInput, getEnv('fanOut'))();
    for (const destinations of course === COURSES[0] ? DESTINATIONS : [USUAL_DESTINATIONS]) {
      const routeInput: RouteInput = { event, destinations, usesIndex: false };
      const routeCpu = await cpuMicros(route, routeInput, getEnv('fanOut'))();
      const indexInput: RouteInput = { ...routeInput, usesIndex: true };
      const indexCpu = await cpuMicros(route, indexInput, getEnv('fanOut'))();
      usages.push({
        destinations,
        course,
        receiveCpuMs: receiveCpu / 1_000,
        routeCpuMs: routeCpu / 1_000,
        deliverCpuMs: deliverCpu / 1_000,
        tableCalls: tableCalls / deliveries,
        receiveLogBytes: counted.logBytes.receive / counted.webhooks,
        deliveryLogBytes: counted.logBytes.fanOut / deliveries,
        index: {
          ...indexRows,
          cpuMs: Math.max(0, indexCpu - routeCpu) / 1_000,
        },
        recordBytes: Buffer.byteLength(event.Records[0]?.body ?? ''),
      });
    }
  }
  return usages;
}
