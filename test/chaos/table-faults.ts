import * as v from 'valibot';
import { type SeededRandom, pickWeighted } from './seeded-random.ts';
import { type Trace, increment } from './trace.ts';
import type { ProxyFaults } from './fault-proxy.ts';

const IdSchema = v.object({ id: v.object({ S: v.string() }) });
const IdempotencyKeySchema = v.pipe(
  v.string(),
  v.parseJson(),
  v.union([
    v.pipe(
      v.object({ Item: IdSchema }),
      v.transform(({ Item }) => Item.id.S),
    ),
    v.pipe(
      v.object({ Key: IdSchema }),
      v.transform(({ Key }) => Key.id.S),
    ),
  ]),
);

/** How many of the first calls for one key are throttled, with weights. The SDK calls twice before it gives up. */
const THROTTLE_COUNTS: readonly (readonly [number, number])[] = [
  [0, 96],
  [1, 2],
  [2, 2],
];
const SDK_ATTEMPTS = 2;
const OPERATION_LABELS: ReadonlyMap<string, string> = new Map([
  ['PutItem', 'acquiring an idempotency key'],
  ['UpdateItem', 'marking a delivery as delivered'],
  ['DeleteItem', 'releasing an idempotency key'],
  ['GetItem', 'reading an idempotency key'],
]);

/** The faults of DynamoDB: throttling. */
export function createTableFaults(random: SeededRandom, trace: Trace): ProxyFaults {
  const callCounts = new Map<string, number>();
  return {
    decide({ operation, body, invocationId }) {
      const parsedKey = v.safeParse(IdempotencyKeySchema, body);
      const [, destination = '', recordId = ''] = parsedKey.success
        ? parsedKey.output.split('#')
        : [];
      const callKey = `${operation} ${destination} ${recordId}`;
      const callIndex = callCounts.get(callKey) ?? 0;
      callCounts.set(callKey, callIndex + 1);
      const throttledCalls =
        pickWeighted(THROTTLE_COUNTS, random('ledger', operation, destination, recordId)) ?? 0;
      if (callIndex >= throttledCalls) return { kind: 'forward', bodies: [body] };
      increment(
        trace.injectedFaults,
        `DynamoDB throttles ${OPERATION_LABELS.get(operation) ?? operation}`,
      );
      const delivery = trace.getDelivery(recordId, destination);
      delivery.hadFault = true;
      if (operation === 'UpdateItem' && callIndex + 1 === SDK_ATTEMPTS)
        delivery.failedWrites.add(invocationId);
      return { kind: 'reject', status: 400, type: 'ProvisionedThroughputExceededException' };
    },
    onResponseLost() {},
  };
}
