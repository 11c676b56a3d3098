import { toQueueSettings } from '../../../lib/destinations/queue-settings.ts';
import { ASSUMPTIONS, type Course } from './assumptions.ts';
import { PRICES } from './prices.ts';

/** What was counted and measured for the index rows of a record. */
export interface IndexInput {
  /** The rows of a record: one for each value that it can be looked up by. */
  readonly keys: number;
  readonly rowBytes: number;
  /** CPU time on one full core that the rows of a batch take. */
  readonly cpuMs: number;
}

/** What was counted and measured for webhooks with that many HTTP destinations each. */
export interface BillInput {
  readonly destinations: number;
  readonly course: Course;
  /** CPU time on one full core: of a webhook, of routing a batch, of delivering a batch of one destination. */
  readonly receiveCpuMs: number;
  readonly routeCpuMs: number;
  readonly deliverCpuMs: number;
  /** Calls to the deliveries table per delivery. */
  readonly tableCalls: number;
  readonly receiveLogBytes: number;
  /** Bytes that fanOut logs per delivery. */
  readonly deliveryLogBytes: number;
  readonly recordBytes: number;
  readonly index: IndexInput;
}

/** US dollars per million webhooks, by part. */
export type Bill = Readonly<Record<(typeof PARTS)[number], number>>;
export const PARTS = [
  'API Gateway',
  'receive',
  '[records]',
  'fanOut: routing',
  'queues of destinations',
  'fanOut: delivering',
  'deliveries table',
  'logs',
  'traces',
  'data out',
] as const;

const MILLION = 1_000_000;
const GB = 1_000_000_000;
const MB_PER_GB = 1_024;
/** What SQS bills as one request (Amazon SQS pricing). */
const REQUEST_BYTES = 65_536;

/** Computes the cost of a million webhooks. */
export function computeBill(usage: BillInput): Bill {
  const { destinations, course, recordBytes } = usage;
  const batches = 1 / course.perBatch;
  const cpuFactor = Math.max(1, ASSUMPTIONS.wholeCoreMb / ASSUMPTIONS.memoryMb);
  const lambda = (invocations: number, ms: number): number =>
    invocations * PRICES.invocations +
    (((invocations * MILLION * ms) / 1_000) * ASSUMPTIONS.memoryMb * PRICES.gbSecond) / MB_PER_GB;
  const requestsFor = (messages: number): number =>
    Math.ceil((messages * recordBytes) / REQUEST_BYTES);

  const limited = course.firstLimit === null ? 0 : 1;
  const waitMs = ASSUMPTIONS.destinationMs + usage.tableCalls * ASSUMPTIONS.tableMs;
  const deliverMs = usage.deliverCpuMs * cpuFactor + waitMs;
  const paced = toQueueSettings({
    perSecond: null,
    perMinute: null,
    concurrency: null,
    ...course.firstLimit,
  });
  const pacedBatches = 1 / paced.batchSize;
  const delivering =
    (destinations - limited) * lambda(batches, deliverMs) +
    // its invocations last as long as the limit asks for
    limited * lambda(pacedBatches, paced.batchSize * paced.intervalMs);
  // a batch is sent, received and deleted ten messages at a time, or fewer when it has fewer
  const queueRequests = batches * (requestsFor(course.perBatch) * 2 + 1);
  const logBytes = usage.receiveLogBytes + destinations * usage.deliveryLogBytes;
  return {
    'API Gateway': PRICES.gatewayCalls,
    receive: lambda(1, usage.receiveCpuMs * cpuFactor + ASSUMPTIONS.queueMs),
    // sent one by one, received and deleted in batches
    '[records]':
      (requestsFor(1) + batches * (requestsFor(course.perBatch) + 1)) * PRICES.queueRequests,
    'fanOut: routing': lambda(batches, usage.routeCpuMs * cpuFactor + ASSUMPTIONS.queueMs),
    'queues of destinations': destinations * queueRequests * PRICES.queueRequests,
    'fanOut: delivering': delivering,
    'deliveries table': destinations * usage.tableCalls * PRICES.tableWrites,
    logs: ((logBytes * MILLION) / GB) * PRICES.logGb,
    traces: (1 + batches * (1 + destinations)) * ASSUMPTIONS.tracedShare * PRICES.traces,
    'data out': ((recordBytes * destinations * MILLION) / GB) * PRICES.dataOutGb,
  };
}

/** What DynamoDB bills as one write. */
const WRITE_BYTES = 1_024;

/**
 * Computes what each key of the index adds to a million webhooks: its writes, and the time that they take of
 * routing. They are written while SQS is waited for, which takes longer.
 */
export function computeIndexKey({ index, course }: BillInput): number {
  const cpuFactor = Math.max(1, ASSUMPTIONS.wholeCoreMb / ASSUMPTIONS.memoryMb);
  const batches = MILLION / course.perBatch;
  const seconds = (batches * index.cpuMs * cpuFactor) / 1_000;
  const routing = (seconds * ASSUMPTIONS.memoryMb * PRICES.gbSecond) / MB_PER_GB;
  return Math.ceil(index.rowBytes / WRITE_BYTES) * PRICES.tableWrites + routing / index.keys;
}

/** The sum of all parts. */
export function computeTotal(bill: Bill): number {
  return Object.values(bill).reduce((sum, part) => sum + part, 0);
}

/** What one more destination adds to each million webhooks: its queue in front, and its deliveries. */
export function computeDelivery(usage: BillInput): {
  readonly queue: number;
  readonly all: number;
} {
  const [more, less] = [usage.destinations + 1, usage.destinations].map((destinations) =>
    computeBill({ ...usage, destinations }),
  );
  if (more === undefined || less === undefined) throw new Error('Two bills are there');
  const part = 'queues of destinations';
  return { queue: more[part] - less[part], all: computeTotal(more) - computeTotal(less) };
}
