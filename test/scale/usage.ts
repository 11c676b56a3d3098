import { toQueueSettings } from '../../lib/destinations/queue-settings.ts';
import { toAlarms } from '../../lib/stack/destination-alarms.ts';
import { PRICES } from '../bench/cost/prices.ts';
import { ASSUMPTIONS } from './assumptions.ts';
import type { Lane, World } from './world.ts';

/** What a run used of AWS. Requests and units are counted, dollars are list prices. */
export interface Usage {
  /** Requests to the queues of destinations and to [dead-letters]: send, receive, delete, hide. */
  readonly queueRequests: number;
  /** Requests to [records] for routing, without those that put the records there. */
  readonly recordsRequests: number;
  readonly sqsDollars: number;
  readonly lambdaDollars: number;
  readonly tableDollars: number;
}

const MILLION = 1_000_000;
const MB_PER_GB = 1_024;

/**
 * Counts what a run used.
 * @param seeded deliveries that were put on their queue without routing: their sends are added, ten each
 */
export function countUsage(world: World, seeded = 0): Usage {
  let queueRequests = Math.ceil(seeded / ASSUMPTIONS.batchRequestEntries.value);
  for (const { sends, hides } of world.sqs.counts.values()) queueRequests += sends + hides;
  for (const lane of world.lanes) queueRequests += countPollerRequests(lane);
  const recordsRequests = countPollerRequests({ source: world.recordsSource });
  const { billedMs, invocations } = world.fanOut.counts;
  const gbSeconds = (billedMs / 1_000) * (ASSUMPTIONS.memoryMb.value / MB_PER_GB);
  const { writeUnits, readUnits } = world.table.counts;
  return {
    queueRequests,
    recordsRequests,
    sqsDollars: ((queueRequests + recordsRequests) * PRICES.queueRequests) / MILLION,
    lambdaDollars: gbSeconds * PRICES.gbSecond + (invocations * PRICES.invocations) / MILLION,
    tableDollars: (writeUnits * PRICES.tableWrites + readUnits * PRICES.tableReads) / MILLION,
  };
}

function countPollerRequests({ source: { counts } }: Pick<Lane, 'source'>): number {
  // empty receives are among the receives while messages come; those of an idle queue are not
  return counts.receives + counts.idleReceives + counts.deletes;
}

/** A fixed cost of a destination, whatever it delivers. */
export interface MonthlyCost {
  readonly what: string;
  readonly dollars: number;
}

const HOURS_PER_MONTH = 730;
const SECONDS_PER_HOUR = 3_600;

/**
 * The cost of a destination in a month in which nothing is delivered.
 * @param metrics how many metrics of its own it has, each with values in every hour
 */
export function toMonthlyCosts(metrics: number): readonly MonthlyCost[] {
  const alarms = Object.values(toAlarms(PLANNED, MONITORING)) as Alarm[];
  const read = alarms.reduce((sum, { Properties }) => sum + countMetrics(Properties), 0);
  const polls =
    (ASSUMPTIONS.idlePollers.value * HOURS_PER_MONTH * SECONDS_PER_HOUR) /
    ASSUMPTIONS.pollSeconds.value;
  return [
    {
      what: `empty receives of its idle queue: ${ASSUMPTIONS.idlePollers.value} pollers, one each ${ASSUMPTIONS.pollSeconds.value} s`,
      dollars: (polls * PRICES.queueRequests) / MILLION,
    },
    {
      what: `its ${alarms.length} alarms, which read ${read} metrics`,
      dollars: read * ASSUMPTIONS.alarmDollars.value,
    },
    {
      what: `${metrics} metrics, when each has a value in every hour`,
      dollars: metrics * ASSUMPTIONS.metricDollars.value,
    },
  ];
}

interface Alarm {
  readonly Properties: { readonly Metrics?: readonly { readonly MetricStat?: object }[] };
}

/** An alarm on an expression is billed for each metric that it reads. */
function countMetrics({ Metrics }: Alarm['Properties']): number {
  return Metrics?.filter(({ MetricStat }) => MetricStat !== undefined).length ?? 1;
}

const MONITORING = {
  prefix: 'relay-prod',
  namespace: 'VoucherRelay',
  service: 'relay',
  runbook: '',
};
const NO_LIMIT = { perSecond: null, perMinute: null, concurrency: null };
const PLANNED = {
  name: 'crm',
  id: 'crm',
  limit: NO_LIMIT,
  settings: toQueueSettings(NO_LIMIT),
  logicalId: 'ToCrm',
  queueId: 'ToCrmQueue',
  queueName: 'relay-prod-to-crm',
  needs: [],
};
