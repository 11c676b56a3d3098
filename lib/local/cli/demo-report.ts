import {
  type DemoObservation,
  describeDeadLetter,
  findDifferences,
  findFailures,
} from './check-demo.ts';
import { formatTable } from './table.ts';

/** The demo's result as text (a table and the failures), and whether nothing failed. */
export interface DemoReport {
  readonly text: string;
  readonly isAsExpected: boolean;
}

/** What the queue of a destination has had, and has. */
export interface DestinationQueueReport {
  readonly name: string;
  readonly destination: string;
  /** How many deliveries were put on it. */
  readonly sent: number;
  /** How many of them are left. */
  readonly waiting: number;
}

/** What the report depends on beside the observations. */
export interface DemoTotals {
  /** How many deliveries belong to no accepted webhook. */
  readonly unmatchedDeliveries: number;
  /** The queue of each destination. */
  readonly queues: readonly DestinationQueueReport[];
  /** Whether deliveries that are not those of `expect` are failures. */
  readonly isStrict: boolean;
}

const MAX_ID_LENGTH = 24;

/**
 * Formats the result of the demo.
 * @param tookSeconds how long the whole demo took
 */
export function formatDemoReport(
  observations: readonly DemoObservation[],
  { unmatchedDeliveries, queues, isStrict }: DemoTotals,
  tookSeconds: number,
): DemoReport {
  const find = (each: DemoObservation): readonly string[] =>
    isStrict ? [...findFailures(each), ...findDifferences(each)] : findFailures(each);
  const destinations = [
    ...new Set([
      ...queues.map(({ destination }) => destination),
      ...observations.flatMap(({ deliveryCounts }) => [...deliveryCounts.keys()]),
    ]),
  ].sort();
  const hasDeadLetters = observations.some(({ deadLetters }) => deadLetters.length > 0);
  const rows = observations.map((each) => [
    each.sample.name,
    `${each.response.status} ${each.response.webhookStatus ?? 'rejected'}`,
    shorten(each.response.id ?? ''),
    ...destinations.map((name) => formatDeliveries(each, name)),
    ...(hasDeadLetters ? [each.deadLetters.map(describeDeadLetter).join(', ')] : []),
    toResult(find(each).length === 0, isStrict),
  ]);
  const failures = observations.flatMap((each) =>
    find(each).map((failure) => `${each.sample.name}: ${failure}`),
  );
  if (unmatchedDeliveries > 0)
    failures.push(`deliveries that match no accepted webhook: ${unmatchedDeliveries}`);
  const failedCount = observations.filter((each) => find(each).length > 0).length;
  const time = `in ${tookSeconds.toFixed(1)} seconds`;
  const good = isStrict ? 'all as expected' : 'nothing failed';
  const bad = isStrict ? 'did NOT match their samples' : 'FAILED';
  const summary =
    failures.length === 0
      ? `${observations.length} webhooks, ${good}, ${time}.`
      : `${failedCount} of ${observations.length} webhooks ${bad}, ${time}.`;
  const head = [
    'webhook',
    'response',
    'id',
    ...destinations,
    ...(hasDeadLetters ? ['dead letters'] : []),
    'result',
  ];
  const text = [
    formatTable([head, ...rows]),
    '',
    formatTable([
      ['queue of a destination', 'deliveries', 'left'],
      ...queues.map(({ name, sent, waiting }) => [name, String(sent), String(waiting)]),
    ]),
    '',
    ...failures,
    summary,
  ].join('\n');
  return { text, isAsExpected: failures.length === 0 };
}

function formatDeliveries(
  { sample, deliveryCounts }: DemoObservation,
  destination: string,
): string {
  const count = deliveryCounts.get(destination) ?? 0;
  if (count === 0) return sample.expect?.duplicateOf === undefined ? '' : 'not again';
  return count === 1 ? 'received' : `received ${count} times`;
}

/** Without --strict, deliveries are not compared: a result is that nothing went wrong. */
function toResult(isGood: boolean, isStrict: boolean): string {
  if (isStrict) return isGood ? 'as expected' : 'NOT as expected';
  return isGood ? 'ok' : 'FAILED';
}

function shorten(id: string): string {
  return id.length <= MAX_ID_LENGTH ? id : `${id.slice(0, MAX_ID_LENGTH - 1)}…`;
}
