import { GetMetricStatisticsCommand } from '@aws-sdk/client-cloudwatch';
import { RETENTION_SECONDS } from './destination-resources.ts';
import { countMessages } from './removed-queues.ts';
import type { StackClients } from './stack-clients.ts';

const DAY_SECONDS = 86_400;
const HOUR_SECONDS = 3_600;
const MINUTE_SECONDS = 60;
/** SQS reports the age every minute, a few minutes late. */
const AGE_WINDOW_MS = 15 * 60_000;

/** Says how many messages wait in a queue, how old they are, and when SQS deletes the first. */
export async function describeBacklog(
  { sqs, cloudWatch }: StackClients,
  queueName: string,
  queueUrl: string,
  now: Date,
): Promise<string> {
  const messages = await countMessages(sqs, queueUrl);
  if (messages === null) return `Its queue ${queueName} is empty.`;
  const ageSeconds = await readOldestAge(cloudWatch, queueName, now);
  const age =
    ageSeconds === null
      ? 'The age of the oldest one is not known: SQS deletes each 14 days after it was put on the queue.'
      : `The oldest one is ${toDuration(ageSeconds)} old: SQS deletes it in ${toDuration(Math.max(0, RETENTION_SECONDS - ageSeconds))}.`;
  return `Its queue ${queueName} has ${messages}. ${age}`;
}

/**
 * Returns the age of the oldest message of a queue, in seconds, as SQS reports it: without those that were
 * received three times. Null when it is not known: the metric is a few minutes late, and not everybody may
 * read it.
 */
async function readOldestAge(
  client: StackClients['cloudWatch'],
  queueName: string,
  now: Date,
): Promise<number | null> {
  const command = new GetMetricStatisticsCommand({
    Namespace: 'AWS/SQS',
    MetricName: 'ApproximateAgeOfOldestMessage',
    Dimensions: [{ Name: 'QueueName', Value: queueName }],
    StartTime: new Date(now.getTime() - AGE_WINDOW_MS),
    EndTime: now,
    Period: MINUTE_SECONDS,
    Statistics: ['Maximum'],
  });
  const { Datapoints = [] } = await client.send(command).catch(() => ({ Datapoints: [] }));
  const latest = Datapoints.toSorted(
    (one, other) => Number(other.Timestamp ?? 0) - Number(one.Timestamp ?? 0),
  )[0];
  return latest?.Maximum ?? null;
}

function toDuration(seconds: number): string {
  const [amount, unit] =
    seconds >= DAY_SECONDS
      ? [seconds / DAY_SECONDS, 'days']
      : seconds >= HOUR_SECONDS
        ? [seconds / HOUR_SECONDS, 'hours']
        : [seconds / MINUTE_SECONDS, 'minutes'];
  return `${amount.toFixed(1)} ${unit}`;
}
