import { ASSUMPTIONS } from './assumptions.ts';
import { PRICES } from './prices.ts';

/** What was counted and measured for webhooks that each go to so many HTTP destinations. */
export interface BillInput {
  readonly destinations: number;
  readonly usesIdempotency: boolean;
  /** CPU time on one whole core. */
  readonly receiveCpuMs: number;
  readonly batchCpuMs: number;
  /** Calls of the ledger for a delivery. */
  readonly idempotencyCalls: number;
  readonly receiveLogBytes: number;
  /** Log of fanOut for a delivery. */
  readonly deliveryLogBytes: number;
  readonly recordBytes: number;
}

/** Dollars for a million webhooks, by part. */
export type Bill = Readonly<Record<(typeof PARTS)[number], number>>;
export const PARTS = [
  'API Gateway',
  'receive',
  '[records]',
  'fanOut',
  'idempotency',
  'logs',
  'traces',
  'data out',
] as const;

const MILLION = 1_000_000;
const GB = 1_000_000_000;
const MB_PER_GB = 1_024;

/** What a million webhooks cost. */
export function computeBill(usage: BillInput): Bill {
  const { destinations, usesIdempotency } = usage;
  const batches = 1 / ASSUMPTIONS.recordsPerBatch;
  const cpuFactor = Math.max(1, ASSUMPTIONS.wholeCoreMb / ASSUMPTIONS.memoryMb);
  const lambda = (invocations: number, ms: number): number =>
    invocations * PRICES.invocations +
    (((invocations * MILLION * ms) / 1_000) * ASSUMPTIONS.memoryMb * PRICES.gbSecond) / MB_PER_GB;
  const waitMs = ASSUMPTIONS.destinationMs + (usesIdempotency ? 2 * ASSUMPTIONS.idempotencyMs : 0);
  const logBytes = usage.receiveLogBytes + destinations * usage.deliveryLogBytes;
  return {
    'API Gateway': PRICES.gatewayCalls,
    receive: lambda(1, usage.receiveCpuMs * cpuFactor + ASSUMPTIONS.queueMs),
    // sent one by one; received and deleted by the batch
    '[records]': (1 + 2 * batches) * PRICES.queueRequests,
    fanOut: lambda(batches, usage.batchCpuMs * cpuFactor + waitMs),
    idempotency: usesIdempotency
      ? destinations * usage.idempotencyCalls * PRICES.idempotencyWrites
      : 0,
    logs: ((logBytes * MILLION) / GB) * PRICES.logGb,
    traces: (1 + batches) * ASSUMPTIONS.tracedShare * PRICES.traces,
    'data out': ((usage.recordBytes * destinations * MILLION) / GB) * PRICES.dataOutGb,
  };
}

/** All parts together. */
export function computeTotal(bill: Bill): number {
  return Object.values(bill).reduce((sum, part) => sum + part, 0);
}
