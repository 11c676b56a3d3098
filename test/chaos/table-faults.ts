import * as v from 'valibot';
import { type SeededRandom, pickWeighted } from './seeded-random.ts';
import { type Trace, increment } from './trace.ts';
import type { ProxyFaults } from './fault-proxy.ts';

/** The parts of an UpdateItem or a GetItem that are read here. */
const CallSchema = v.pipe(
  v.string(),
  v.parseJson(),
  v.object({
    Key: v.object({
      id: v.object({ S: v.string() }),
      destination: v.object({ S: v.string() }),
    }),
    ExpressionAttributeValues: v.optional(
      v.object({ ':state': v.optional(v.object({ S: v.string() })) }),
    ),
  }),
);

type Operation = 'taking' | 'finishing' | 'reading';
/**
 * How many of the first calls for one row are throttled, with weights: of the writes, about a third. The
 * SDK calls twice before it gives up; fanOut repeats a finishing write after that.
 */
const THROTTLE_COUNTS: Readonly<Record<Operation, readonly (readonly [number, number])[]>> = {
  taking: [
    [0, 66],
    [1, 31],
    [2, 3],
  ],
  finishing: [
    [0, 66],
    [1, 20],
    [2, 8],
    [5, 6],
  ],
  reading: [
    [0, 96],
    [1, 2],
    [2, 2],
  ],
};

/** The faults of DynamoDB: throttling. */
export function createTableFaults(random: SeededRandom, trace: Trace): ProxyFaults {
  const callCounts = new Map<string, number>();
  return {
    decide({ body }) {
      const call = v.safeParse(CallSchema, body);
      if (!call.success) return { kind: 'forward', bodies: [body] };
      const { Key, ExpressionAttributeValues: values } = call.output;
      const [recordId, destination] = [Key.id.S, Key.destination.S];
      const finishedOrTaken = values?.[':state'] === undefined ? 'taking' : 'finishing';
      const operation: Operation = values === undefined ? 'reading' : finishedOrTaken;
      const callKey = `${operation} ${destination} ${recordId}`;
      const callIndex = callCounts.get(callKey) ?? 0;
      callCounts.set(callKey, callIndex + 1);
      const throttledCalls =
        pickWeighted(
          THROTTLE_COUNTS[operation],
          random('ledger', operation, destination, recordId),
        ) ?? 0;
      if (callIndex >= throttledCalls) return { kind: 'forward', bodies: [body] };
      increment(trace.injectedFaults, `DynamoDB throttles ${operation} a row`);
      trace.getDelivery(recordId, destination).hadFault = true;
      return { kind: 'reject', status: 400, type: 'ProvisionedThroughputExceededException' };
    },
    onResponseLost() {},
  };
}
