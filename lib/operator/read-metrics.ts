import {
  type CloudWatchClient,
  type MetricDataQuery,
  paginateGetMetricData,
} from '@aws-sdk/client-cloudwatch';
import { splitEvery } from '../split-every.ts';

/** One metric to read. */
export interface MetricQuery {
  readonly namespace: string;
  readonly name: string;
  readonly dimensions: { readonly [name: string]: string };
  readonly stat: 'Sum' | 'Maximum';
}

/** The value of a metric in five minutes. */
export interface Point {
  /** When the five minutes began (Unix time). */
  readonly atMs: number;
  readonly value: number;
}

/** API reference of GetMetricData, MetricDataQueries. */
const MAX_QUERIES = 500;
const PERIOD_SECONDS = 300;
const PERIOD_MS = PERIOD_SECONDS * 1_000;
const WINDOW_MS = 3_600_000;

/**
 * Reads metrics of the last hour, in parts of five minutes: one call for 500 metrics. Rejects when they
 * cannot be read.
 * @returns for each query its points, the newest first; none where CloudWatch has no data
 */
export async function readMetrics(
  client: CloudWatchClient,
  queries: readonly MetricQuery[],
  now: Date,
  signal: AbortSignal,
): Promise<readonly (readonly Point[])[]> {
  // aligned with the period, as the API reference advises; the last five minutes are not over yet
  const endMs = Math.ceil(now.getTime() / PERIOD_MS) * PERIOD_MS;
  const points = new Map<string, Point[]>();
  const indexed = queries.map(toDataQuery);
  for (const MetricDataQueries of splitEvery(MAX_QUERIES, indexed)) {
    const pages = paginateGetMetricData(
      { client },
      {
        MetricDataQueries,
        StartTime: new Date(endMs - WINDOW_MS),
        EndTime: new Date(endMs),
        ScanBy: 'TimestampDescending',
      },
      { abortSignal: signal },
    );
    for await (const { MetricDataResults = [] } of pages) {
      for (const { Id = '', Timestamps = [], Values = [] } of MetricDataResults) {
        const read = Timestamps.map((at, n) => ({ atMs: at.getTime(), value: Values[n] ?? 0 }));
        points.set(Id, [...(points.get(Id) ?? []), ...read]);
      }
    }
  }
  return queries.map((_query, index) => points.get(toId(index)) ?? []);
}

function toDataQuery(
  { namespace, name, dimensions, stat }: MetricQuery,
  index: number,
): MetricDataQuery {
  return {
    Id: toId(index),
    MetricStat: {
      Metric: {
        Namespace: namespace,
        MetricName: name,
        Dimensions: Object.entries(dimensions).map(([Name, Value]) => ({ Name, Value })),
      },
      Period: PERIOD_SECONDS,
      Stat: stat,
    },
  };
}

function toId(index: number): string {
  return `m${index}`;
}
