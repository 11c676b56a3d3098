import type { PlannedDestination } from './plan-destinations.ts';

/** What the alarms and the widgets of all destinations have in common. */
export interface Monitoring {
  /** The first part of the names of the stack's resources: `voucher-relay-prod`. */
  readonly prefix: string;
  /** The namespace of our metrics, and the value of their dimension `service`. */
  readonly namespace: string;
  readonly service: string;
  /** Where the runbook is. */
  readonly runbook: string;
}

const FIVE_MINUTES = 300;
const HOUR = 3_600;
const MS_PER_SECOND = 1_000;
/** Half of the time that SQS keeps a message: a week is left. */
const OLD_SECONDS = 7 * 86_400;
/** A day: a pause of an hour is not worth an alarm, a forgotten one is. */
const UNREAD_HOURS = 24;
/** A receiver that rejects every other attempt does not work. */
const FAILING_SHARE = 0.5;

/** One occurrence is enough, and no data means no alarm. */
const DEFAULTS = {
  AlarmActions: [{ Ref: 'AlarmTopic' }],
  OKActions: [{ Ref: 'AlarmTopic' }],
  ComparisonOperator: 'GreaterThanOrEqualToThreshold',
  Threshold: 1,
  EvaluationPeriods: 1,
  TreatMissingData: 'notBreaching',
};

/**
 * Returns the alarms of a destination, by logical id. Each links to an entry of the runbook that all
 * destinations share.
 */
export function toAlarms(
  { name, logicalId, queueName }: PlannedDestination,
  { prefix, namespace, service, runbook }: Monitoring,
): Record<string, object> {
  const dimensions = [
    { Name: 'service', Value: service },
    { Name: 'destination', Value: name },
  ];
  const alarm = (
    id: string,
    entry: string,
    description: string,
    settings: object,
  ): Record<string, object> => ({
    [`${logicalId}${id}Alarm`]: {
      Type: 'AWS::CloudWatch::Alarm',
      Properties: {
        ...DEFAULTS,
        AlarmName: `${prefix}-${name}-${entry}`,
        AlarmDescription: `${description} ${runbook}#${entry}`,
        ...settings,
      },
    },
  });
  const ours = (MetricName: string): object => ({
    Namespace: namespace,
    MetricName,
    Dimensions: dimensions,
  });
  const queues = (MetricName: string): object => ({
    Namespace: 'AWS/SQS',
    MetricName,
    Dimensions: [{ Name: 'QueueName', Value: queueName }],
  });

  return {
    ...alarm(
      'GivenUp',
      'given-up',
      `A delivery to ${name} was given up. It is on [dead-letters].`,
      {
        ...ours('DeliveryDead'),
        Statistic: 'Sum',
        Period: 60,
      },
    ),
    // without an attempt there is no data point: then the circuit is open, or there is nothing to deliver
    ...alarm(
      'Failing',
      'failing',
      `Half of the attempts to deliver to ${name} have failed for 15 minutes. Its deliveries are retried for a day.`,
      {
        Metrics: [
          read('failed', ours('DeliveryFailed'), 'Sum', FIVE_MINUTES),
          read('attempted', ours('DeliveryAttempted'), 'Sum', FIVE_MINUTES),
          compute('share', 'failed / attempted'),
        ],
        Threshold: FAILING_SHARE,
        EvaluationPeriods: 3,
        DatapointsToAlarm: 3,
      },
    ),
    ...alarm(
      'CircuitOpen',
      'circuit-open',
      `${name} has not worked for 15 minutes, and its deliveries wait in its queue. One at a time is tried.`,
      {
        ...ours('CircuitOpen'),
        Statistic: 'Sum',
        Period: FIVE_MINUTES,
        EvaluationPeriods: 3,
        DatapointsToAlarm: 3,
      },
    ),
    // SQS leaves out a message that was received three times, and fanOut sees only what it receives. A
    // metric without data counts as 0, so that the other one is judged alone.
    ...alarm(
      'BacklogOld',
      'backlog-old',
      `The oldest delivery to ${name} has waited for a week. SQS deletes it after 14 days.`,
      {
        Metrics: [
          read('oldestReceivedMs', ours('OldestDeliveryAge'), 'Maximum', HOUR),
          read('oldestInQueue', queues('ApproximateAgeOfOldestMessage'), 'Maximum', HOUR),
          compute(
            'age',
            `MAX([FILL(oldestReceivedMs, 0) / ${MS_PER_SECOND}, FILL(oldestInQueue, 0)])`,
          ),
        ],
        Threshold: OLD_SECONDS,
      },
    ),
    // the ages above need somebody who reads the queue, or messages that were received less than three times
    ...alarm(
      'BacklogUnread',
      'backlog-unread',
      `Deliveries to ${name} wait, and nothing has read its queue for a day: it is paused, or its event source mapping does not work.`,
      {
        Metrics: [
          read('waiting', queues('ApproximateNumberOfMessagesVisible'), 'Maximum', HOUR),
          read('received', queues('NumberOfMessagesReceived'), 'Sum', HOUR),
          compute('unread', 'IF(FILL(waiting, 0) > 0 AND FILL(received, 0) == 0, 1, 0)'),
        ],
        EvaluationPeriods: UNREAD_HOURS,
        DatapointsToAlarm: UNREAD_HOURS,
      },
    ),
  };
}

/** A metric that an expression reads. */
function read(Id: string, Metric: object, Stat: string, Period: number): object {
  return { Id, MetricStat: { Metric, Stat, Period }, ReturnData: false };
}

/** The expression that the alarm judges. */
function compute(Id: string, Expression: string): object {
  return { Id, Expression, ReturnData: true };
}
