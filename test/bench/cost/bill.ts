import { ASSUMED } from './assumptions.ts';
import { PRICES } from './prices.ts';

/** What was counted and measured for webhooks that each go to so many HTTP destinations. */
export interface Usage {
  readonly destinations: number;
  readonly ledger: boolean;
  /** CPU time on one whole core. */
  readonly receiveCpuMs: number;
  readonly batchCpuMs: number;
  /** Calls of the ledger for a delivery. */
  readonly ledgerCalls: number;
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
  'ledger',
  'logs',
  'traces',
  'data out',
] as const;

const MILLION = 1_000_000;
const GB = 1_000_000_000;
const MB_PER_GB = 1_024;

/** What a million webhooks cost. */
export function billOf(usage: Usage): Bill {
  const { destinations, ledger } = usage;
  const batches = 1 / ASSUMED.recordsABatch;
  const slower = Math.max(1, ASSUMED.wholeCoreMb / ASSUMED.memoryMb);
  const lambda = (invocations: number, ms: number): number =>
    invocations * PRICES.invocations +
    (((invocations * MILLION * ms) / 1_000) * ASSUMED.memoryMb * PRICES.gbSecond) / MB_PER_GB;
  const waitsMs = ASSUMED.destinationMs + (ledger ? 2 * ASSUMED.ledgerMs : 0);
  const logBytes = usage.receiveLogBytes + destinations * usage.deliveryLogBytes;
  return {
    'API Gateway': PRICES.gatewayCalls,
    receive: lambda(1, usage.receiveCpuMs * slower + ASSUMED.queueMs),
    // sent one by one; received and deleted by the batch
    '[records]': (1 + 2 * batches) * PRICES.queueRequests,
    fanOut: lambda(batches, usage.batchCpuMs * slower + waitsMs),
    ledger: ledger ? destinations * usage.ledgerCalls * PRICES.ledgerWrites : 0,
    logs: ((logBytes * MILLION) / GB) * PRICES.logGb,
    traces: (1 + batches) * ASSUMED.tracedShare * PRICES.traces,
    'data out': ((usage.recordBytes * destinations * MILLION) / GB) * PRICES.outGb,
  };
}

/** All parts together. */
export function totalOf(bill: Bill): number {
  return Object.values(bill).reduce((sum, part) => sum + part, 0);
}
