import { ASSUMPTIONS } from './assumptions.ts';
import { PRICES } from './prices.ts';

/** What was counted and measured for webhooks with that many HTTP destinations each. */
export interface BillInput {
  readonly destinations: number;
  readonly usesTable: boolean;
  /** CPU time on one full core. */
  readonly receiveCpuMs: number;
  readonly batchCpuMs: number;
  /** Calls to the deliveries table per delivery. */
  readonly tableCalls: number;
  readonly receiveLogBytes: number;
  /** Bytes that fanOut logs per delivery. */
  readonly deliveryLogBytes: number;
  readonly recordBytes: number;
}

/** US dollars per million webhooks, by part. */
export type Bill = Readonly<Record<(typeof PARTS)[number], number>>;
export const PARTS = [
  'API Gateway',
  'receive',
  '[records]',
  'fanOut',
  'deliveries table',
  'logs',
  'traces',
  'data out',
] as const;

const MILLION = 1_000_000;
const GB = 1_000_000_000;
const MB_PER_GB = 1_024;

/** Computes the cost of a million webhooks. */
export function computeBill(usage: BillInput): Bill {
  const { destinations, usesTable } = usage;
  const batches = 1 / ASSUMPTIONS.recordsPerBatch;
  const cpuFactor = Math.max(1, ASSUMPTIONS.wholeCoreMb / ASSUMPTIONS.memoryMb);
  const lambda = (invocations: number, ms: number): number =>
    invocations * PRICES.invocations +
    (((invocations * MILLION * ms) / 1_000) * ASSUMPTIONS.memoryMb * PRICES.gbSecond) / MB_PER_GB;
  const waitMs = ASSUMPTIONS.destinationMs + (usesTable ? 2 * ASSUMPTIONS.tableMs : 0);
  const logBytes = usage.receiveLogBytes + destinations * usage.deliveryLogBytes;
  return {
    'API Gateway': PRICES.gatewayCalls,
    receive: lambda(1, usage.receiveCpuMs * cpuFactor + ASSUMPTIONS.queueMs),
    // sent one by one, received and deleted in batches
    '[records]': (1 + 2 * batches) * PRICES.queueRequests,
    fanOut: lambda(batches, usage.batchCpuMs * cpuFactor + waitMs),
    'deliveries table': usesTable ? destinations * usage.tableCalls * PRICES.tableWrites : 0,
    logs: ((logBytes * MILLION) / GB) * PRICES.logGb,
    traces: (1 + batches) * ASSUMPTIONS.tracedShare * PRICES.traces,
    'data out': ((usage.recordBytes * destinations * MILLION) / GB) * PRICES.dataOutGb,
  };
}

/** The sum of all parts. */
export function computeTotal(bill: Bill): number {
  return Object.values(bill).reduce((sum, part) => sum + part, 0);
}
