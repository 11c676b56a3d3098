import { type CloudWatchClient, paginateDescribeAlarms } from '@aws-sdk/client-cloudwatch';
import type { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import {
  GetQueueAttributesCommand,
  type QueueAttributeName,
  type SQSClient,
} from '@aws-sdk/client-sqs';
import * as v from 'valibot';
import { listPaused } from '../deliveries/paused-destinations.ts';
import { type MetricQuery, type Point, readMetrics } from './read-metrics.ts';
import { NOT_LOCAL, type Part, readPart, type Unread } from './read-part.ts';

/** More than a stack has room for: CloudFormation allows 500 resources, and a destination needs six. */
export const MAX_DESTINATIONS = 100;
const NameSchema = v.pipe(v.string(), v.nonEmpty(), v.maxLength(100));

/** A destination of the stage, whose list the command line resolves. */
export const StatusDestinationSchema = v.strictObject({
  /** Its name is the dimension of its metrics. */
  name: NameSchema,
  /** Its queue and the row of its pause are named after its id. */
  id: NameSchema,
});

/** The request for the status of a stage. */
export const StatusRequestSchema = v.strictObject({
  command: v.literal('status'),
  destinations: v.pipe(v.array(StatusDestinationSchema), v.maxLength(MAX_DESTINATIONS)),
});
export type StatusRequest = v.InferOutput<typeof StatusRequestSchema>;

/** The queues that are not a destination's, as documents name them. */
export const STAGE_QUEUES = [
  'records',
  'quarantine',
  'dead-letters',
  'consumers',
  'consumers-dead-letters',
] as const;
export type StageQueue = (typeof STAGE_QUEUES)[number];

/** What a queue has. Null is what could not be read; `unread` of the report says why. */
export interface QueueStatus {
  /** How many messages can be received now. */
  readonly waiting: number | null;
  /** How many were received and not deleted: being processed, or hidden until their next attempt. */
  readonly inFlight: number | null;
  /** How many were sent with a delay that is not over. */
  readonly delayed: number | null;
  /**
   * The age of the oldest message in seconds. Null also when the queue is empty, and when it is not known:
   * CloudWatch is a few minutes late, and SQS leaves out what was received three times.
   */
  readonly oldestSeconds: number | null;
}

/** How a destination is. */
export interface DestinationStatus extends QueueStatus {
  readonly name: string;
  readonly id: string;
  readonly isPaused: boolean | null;
  /** When it was paused, RFC 3339, and what the operator gave as the reason. */
  readonly pausedSince: string | null;
  readonly pauseReason: string | null;
  /** Whether its circuit was open in the last ten minutes. */
  readonly isCircuitOpen: boolean | null;
  /** Deliveries of the last hour: made, and given up. */
  readonly delivered: number | null;
  readonly dead: number | null;
}

/** An alarm that is on. */
export interface ActiveAlarm {
  readonly name: string;
  /** Since when, RFC 3339. */
  readonly since: string | null;
  /** The description of the alarm, which links to its entry in the runbook. It holds no measured value. */
  readonly reason: string;
}

/** A part that is null in the report, and why. */
export interface UnreadPart extends Unread {
  readonly part: 'queue' | 'metrics' | 'pauses' | 'alarms';
  /** The names of the queues, for the part `queue`. */
  readonly queues: readonly string[];
}

/** The status of a stage. */
export interface StatusReport {
  readonly command: 'status';
  /** When it was read, RFC 3339. */
  readonly at: string;
  readonly queues: readonly ({ readonly queue: StageQueue } & QueueStatus)[];
  readonly destinations: readonly DestinationStatus[];
  /** Null when they could not be read. */
  readonly alarms: readonly ActiveAlarm[] | null;
  readonly unread: readonly UnreadPart[];
}

/** The dependencies of `createStatus`. */
export interface StatusDeps {
  readonly sqs: SQSClient;
  readonly dynamo: DynamoDBClient;
  /** Null in the stage local, which has no CloudWatch. */
  readonly cloudWatch: CloudWatchClient | null;
  readonly queueUrls: { readonly [Queue in StageQueue]: string };
  /** The URL of the destinations' queues, without the id of the destination at its end. */
  readonly destinationQueuesUrl: string;
  readonly tableName: string;
  readonly alarmTopicArn: string;
  /** The namespace of our metrics, and the value of their dimension `service`. */
  readonly namespace: string;
  readonly service: string;
  readonly now: () => Date;
}

const COUNTS = [
  'ApproximateNumberOfMessages',
  'ApproximateNumberOfMessagesNotVisible',
  'ApproximateNumberOfMessagesDelayed',
] as const satisfies readonly QueueAttributeName[];
type Counts = Pick<QueueStatus, 'waiting' | 'inFlight' | 'delayed'>;
const UNKNOWN: Counts = { waiting: null, inFlight: null, delayed: null };

const MS_PER_SECOND = 1_000;
/** SQS reports the age every minute, a few minutes late. */
const RECENT_AGE_MS = 15 * 60_000;
const RECENT_CIRCUIT_MS = 10 * 60_000;

/**
 * Creates the command `status`: how a stage is, for one screen. It changes nothing. What cannot be read is
 * null and listed in `unread`; the rest is shown all the same, also while CloudWatch is down.
 */
export function createStatus(deps: StatusDeps): (request: StatusRequest) => Promise<StatusReport> {
  return async ({ destinations }) => {
    const now = deps.now();
    const queues = [
      ...STAGE_QUEUES.map((queue) => ({ label: queue, url: deps.queueUrls[queue] })),
      ...destinations.map(({ id }) => ({
        label: `to-${id}`,
        url: deps.destinationQueuesUrl + id,
      })),
    ];
    const [counts, metrics, pauses, alarms] = await Promise.all([
      Promise.all(queues.map(({ url }) => readCounts(deps.sqs, url))),
      readAllMetrics(deps, queues, destinations, now),
      readPart('dynamodb:Query', () => listPaused(deps.dynamo, deps.tableName)),
      readAlarms(deps),
    ]);

    const pointsOf = metrics.ok ? metrics.value : null;
    const read = (index: number): QueueStatus => {
      const part = counts[index];
      const found = part?.ok === true ? part.value : UNKNOWN;
      const ages = pointsOf === null ? [] : (pointsOf.ages[index] ?? []);
      return { ...found, oldestSeconds: isEmpty(found) ? null : findLatest(ages, now) };
    };
    return {
      command: 'status',
      at: now.toISOString(),
      queues: STAGE_QUEUES.map((queue, index) => ({ queue, ...read(index) })),
      destinations: destinations.map(({ name, id }, index): DestinationStatus => {
        const paused = pauses.ok ? pauses.value.find((pause) => pause.id === id) : undefined;
        const points = pointsOf?.destinations[index];
        const status = read(STAGE_QUEUES.length + index);
        const ownAge = findLatest(points?.age ?? [], now);
        return {
          name,
          id,
          ...status,
          oldestSeconds: isEmpty(status) ? null : max(status.oldestSeconds, ownAge),
          isPaused: pauses.ok ? paused !== undefined : null,
          pausedSince: paused?.pausedAt ?? null,
          pauseReason: paused?.reason ?? null,
          isCircuitOpen: points === undefined ? null : wasOpen(points.circuit, now),
          delivered: points === undefined ? null : sum(points.delivered),
          dead: points === undefined ? null : sum(points.dead),
        };
      }),
      alarms: alarms.ok ? alarms.value : null,
      unread: [
        ...listUnreadQueues(queues.map(({ label }, index) => ({ label, part: counts[index] }))),
        ...listUnread('metrics', metrics),
        ...listUnread('pauses', pauses),
        ...listUnread('alarms', alarms),
      ],
    };
  };
}

function readCounts(sqs: SQSClient, url: string): Promise<Part<Counts>> {
  return readPart('sqs:GetQueueAttributes', async (abortSignal) => {
    const command = new GetQueueAttributesCommand({ QueueUrl: url, AttributeNames: [...COUNTS] });
    const { Attributes = {} } = await sqs.send(command, { abortSignal });
    const [waiting = 0, inFlight = 0, delayed = 0] = COUNTS.map((name) =>
      Number(Attributes[name] ?? 0),
    );
    return { waiting, inFlight, delayed };
  });
}

/** The points of the queues, in their order, and of the destinations, in theirs. */
interface AllMetrics {
  /** The age of the oldest message of each queue as SQS has it, in seconds. */
  readonly ages: readonly (readonly Point[])[];
  readonly destinations: readonly {
    /** The age of the oldest delivery that fanOut received, in seconds: SQS leaves some out. */
    readonly age: readonly Point[];
    readonly circuit: readonly Point[];
    readonly delivered: readonly Point[];
    readonly dead: readonly Point[];
  }[];
}

async function readAllMetrics(
  { cloudWatch, namespace, service }: StatusDeps,
  queues: readonly { readonly url: string }[],
  destinations: StatusRequest['destinations'],
  now: Date,
): Promise<Part<AllMetrics>> {
  if (cloudWatch === null) return NOT_LOCAL;
  const ofQueues = queues.map(({ url }): MetricQuery => ({
    namespace: 'AWS/SQS',
    name: 'ApproximateAgeOfOldestMessage',
    dimensions: { QueueName: url.slice(url.lastIndexOf('/') + 1) },
    stat: 'Maximum',
  }));
  const ours = (name: string, stat: MetricQuery['stat']): readonly MetricQuery[] =>
    destinations.map((destination) => ({
      namespace,
      name,
      dimensions: { service, destination: destination.name },
      stat,
    }));
  const queries = [
    ...ofQueues,
    ...ours('OldestDeliveryAge', 'Maximum'),
    ...ours('CircuitOpen', 'Sum'),
    ...ours('DeliveryDelivered', 'Sum'),
    ...ours('DeliveryDead', 'Sum'),
  ];
  return readPart('cloudwatch:GetMetricData', async (signal) => {
    const points = await readMetrics(cloudWatch, queries, now, signal);
    const read = (metric: number, index: number): readonly Point[] =>
      points[queues.length + metric * destinations.length + index] ?? [];
    return {
      ages: points.slice(0, queues.length),
      destinations: destinations.map((_destination, index) => ({
        age: read(0, index).map(({ atMs, value }) => ({ atMs, value: value / MS_PER_SECOND })),
        circuit: read(1, index),
        delivered: read(2, index),
        dead: read(3, index),
      })),
    };
  });
}

async function readAlarms({
  cloudWatch,
  alarmTopicArn,
  service,
}: StatusDeps): Promise<Part<readonly ActiveAlarm[]>> {
  if (cloudWatch === null) return NOT_LOCAL;
  return readPart('cloudwatch:DescribeAlarms', async (abortSignal) => {
    const pages = paginateDescribeAlarms(
      { client: cloudWatch },
      { AlarmNamePrefix: `${service}-`, StateValue: 'ALARM' },
      { abortSignal },
    );
    const alarms: ActiveAlarm[] = [];
    for await (const { MetricAlarms = [] } of pages) {
      for (const alarm of MetricAlarms) {
        // the names of the stages prod and prod-eu begin alike, their topics differ
        if (alarm.AlarmActions?.includes(alarmTopicArn) !== true) continue;
        const since = alarm.StateTransitionedTimestamp ?? alarm.StateUpdatedTimestamp;
        alarms.push({
          name: alarm.AlarmName ?? '',
          since: since?.toISOString() ?? null,
          // not StateReason, which quotes data points
          reason: alarm.AlarmDescription ?? '',
        });
      }
    }
    return alarms;
  });
}

function isEmpty({ waiting, inFlight, delayed }: Counts): boolean {
  return waiting === 0 && inFlight === 0 && delayed === 0;
}

/** The newest value in whole seconds, unless it is too old to say anything of now. */
function findLatest(points: readonly Point[], now: Date): number | null {
  const [latest] = points;
  const isRecent = latest !== undefined && now.getTime() - latest.atMs <= RECENT_AGE_MS;
  return isRecent ? Math.round(latest.value) : null;
}

function wasOpen(points: readonly Point[], now: Date): boolean {
  return points.some(({ atMs, value }) => value > 0 && now.getTime() - atMs <= RECENT_CIRCUIT_MS);
}

function sum(points: readonly Point[]): number {
  return points.reduce((total, { value }) => total + value, 0);
}

function max(one: number | null, other: number | null): number | null {
  return one === null || other === null ? (one ?? other) : Math.max(one, other);
}

function listUnread(name: UnreadPart['part'], part: Part<unknown>): readonly UnreadPart[] {
  if (part.ok) return [];
  const { reason, error, permission } = part;
  return [{ part: name, queues: [], reason, error, permission }];
}

/** One entry for all queues that cannot be read because of the same error. */
function listUnreadQueues(
  queues: readonly { readonly label: string; readonly part: Part<Counts> | undefined }[],
): readonly UnreadPart[] {
  const byError = new Map<string, UnreadPart>();
  for (const { label, part } of queues) {
    if (part === undefined || part.ok) continue;
    const { reason, error, permission } = part;
    const others = byError.get(error ?? '')?.queues ?? [];
    byError.set(error ?? '', {
      part: 'queue',
      queues: [...others, label],
      reason,
      error,
      permission,
    });
  }
  return [...byError.values()];
}
