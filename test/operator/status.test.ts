import { ReceiveMessageCommand, SendMessageCommand } from '@aws-sdk/client-sqs';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { storePause } from '../../lib/deliveries/paused-destinations.ts';
import { STAGE_QUEUES, type StatusReport } from '../../lib/operator/status.ts';
import { type Aws, startAws } from '../support/aws.ts';
import { EMPTY, type FakeApis, type FakeMetric, startFakeApis } from '../support/fake-apis.ts';
import {
  type OpenStageCommands,
  openStageCommands,
  stageVariables,
  TOPIC_ARN,
} from '../support/stage-commands.ts';

const NOW = new Date('2026-11-27T08:03:00.000Z');
const MINUTE_MS = 60_000;
/** `klaviyo` was renamed: its metrics have its name, its queue and its pause its id. */
const DESTINATIONS = [
  { name: 'crm', id: 'crm' },
  { name: 'klaviyo', id: 'mail' },
];
const minutesAgo = (minutes: number): Date => new Date(NOW.getTime() - minutes * MINUTE_MS);
const metric = (
  name: string,
  of: string,
  ...values: [minutes: number, value: number][]
): FakeMetric => ({
  name,
  of,
  points: values.map(([minutes, value]) => ({ at: minutesAgo(minutes), value })),
});
const age = (queue: string, ...values: [number, number][]): FakeMetric =>
  metric('ApproximateAgeOfOldestMessage', `relay-prod-${queue}`, ...values);

let aws: Aws;
let apis: FakeApis;
let queuesUrl: string;
let open: OpenStageCommands[] = [];
beforeAll(async () => {
  [aws, apis] = await Promise.all([startAws(), startFakeApis()]);
  queuesUrl = `${aws.sqsEndpoint}/000000000000`;
  await aws.createTable('deliveries');
  for (const queue of [...STAGE_QUEUES, ...DESTINATIONS.map(({ id }) => `to-${id}`)]) {
    await aws.createQueue(`relay-prod-${queue}`);
  }
});
afterAll(async () => {
  for (const commands of open) commands.close();
  await Promise.all([aws.stop(), apis.stop()]);
});
beforeEach(() => {
  Object.assign(apis, EMPTY);
  apis.calls.length = 0;
});

const send = async (queue: string, DelaySeconds = 0): Promise<void> => {
  const QueueUrl = `${queuesUrl}/relay-prod-${queue}`;
  await aws.sqs.send(new SendMessageCommand({ QueueUrl, MessageBody: 'x', DelaySeconds }));
};
const readStatus = async (
  changes: Record<string, string> = {},
  destinations = DESTINATIONS,
): Promise<StatusReport> => {
  const variables = { ...stageVariables(queuesUrl), ...changes };
  const commands = openStageCommands(variables, apis.endpoint, { ...aws, now: () => NOW });
  open = [...open, commands];
  return commands.status({ command: 'status', destinations });
};

describe('the status of a stage', () => {
  it('of which everything is empty has no ages, no alarms, and nothing unread', async () => {
    apis.metrics = [age('records', [3, 120])];
    const report = await readStatus();
    const empty = { waiting: 0, inFlight: 0, delayed: 0, oldestSeconds: null };
    expect(report).toEqual({
      command: 'status',
      at: NOW.toISOString(),
      queues: STAGE_QUEUES.map((queue) => Object.assign({ queue }, empty)),
      destinations: DESTINATIONS.map((destination) => ({
        ...destination,
        ...empty,
        isPaused: false,
        pausedSince: null,
        pauseReason: null,
        isCircuitOpen: false,
        delivered: 0,
        dead: 0,
      })),
      alarms: [],
      unread: [],
    });
    expect(apis.calls.toSorted()).toEqual([
      'cloudwatch:DescribeAlarms',
      'cloudwatch:GetMetricData',
    ]);
  });

  it('counts what waits, is in flight or delayed, with the age of the oldest', async () => {
    for (const delay of [0, 0, 900]) await send('dead-letters', delay);
    const QueueUrl = `${queuesUrl}/relay-prod-dead-letters`;
    await aws.sqs.send(new ReceiveMessageCommand({ QueueUrl, MaxNumberOfMessages: 1 }));
    apis.metrics = [age('dead-letters', [3, 7_200.4], [8, 6_900])];
    const { queues } = await readStatus();
    expect(queues.find(({ queue }) => queue === 'dead-letters')).toEqual({
      queue: 'dead-letters',
      waiting: 1,
      inFlight: 1,
      delayed: 1,
      oldestSeconds: 7_200,
    });
  });

  it('has the greater age of a destination, and counts its last hour', async () => {
    await send('to-mail');
    apis.metrics = [
      age('to-mail', [3, 60]),
      metric('OldestDeliveryAge', 'klaviyo', [3, 90_000]),
      metric('CircuitOpen', 'klaviyo', [8, 2]),
      metric('DeliveryDelivered', 'klaviyo', [3, 5], [33, 7], [70, 100]),
      metric('DeliveryDead', 'klaviyo', [53, 1]),
      metric('CircuitOpen', 'crm', [18, 2]),
    ];
    const pausedAt = '2026-11-27T07:00:00.000Z';
    await storePause(aws.dynamo, 'deliveries', {
      id: 'mail',
      pausedAt,
      reason: 'their maintenance',
    });
    const { destinations } = await readStatus();
    expect(destinations).toMatchObject([
      { name: 'crm', oldestSeconds: null, isPaused: false, isCircuitOpen: false, delivered: 0 },
      {
        name: 'klaviyo',
        waiting: 1,
        oldestSeconds: 90,
        isPaused: true,
        pausedSince: pausedAt,
        pauseReason: 'their maintenance',
        isCircuitOpen: true,
        delivered: 12,
        dead: 1,
      },
    ]);
  });

  it('has no age that is too old to say anything of now', async () => {
    await send('consumers');
    apis.metrics = [age('consumers', [16, 60])];
    const { queues } = await readStatus();
    expect(queues).toContainEqual(
      expect.objectContaining({ queue: 'consumers', waiting: 1, oldestSeconds: null }),
    );
  });

  it('lists the alarms that are on, all pages of them, and not those of a stage whose name begins alike', async () => {
    const alarm = (name: string, changes: object = {}) => ({
      AlarmName: name,
      StateValue: 'ALARM',
      AlarmDescription: `What is wrong. runbook#${name}`,
      StateReason: 'Threshold Crossed: 1 datapoint [31.0 (27/11/26 08:00:00)]',
      StateTransitionedTimestamp: NOW.getTime() / 1_000,
      AlarmActions: [TOPIC_ARN],
      ...changes,
    });
    apis.alarms = [
      alarm('relay-prod-crm-failing'),
      alarm('relay-prod-quarantine-old', { StateValue: 'OK' }),
      alarm('relay-prod-eu-crm-failing', { AlarmActions: [`${TOPIC_ARN}-of-another`] }),
      alarm('relay-prod-quarantine-not-empty'),
      alarm('another-alarm'),
    ];
    const { alarms } = await readStatus();
    expect(alarms).toEqual(
      ['relay-prod-crm-failing', 'relay-prod-quarantine-not-empty'].map((name) => ({
        name,
        since: NOW.toISOString(),
        reason: `What is wrong. runbook#${name}`,
      })),
    );
  });

  it('of a hundred destinations takes two calls for the metrics, of 500 each, and finds them all', async () => {
    const many = Array.from({ length: 100 }, (_, n) => ({ name: `d${n}`, id: `d${n}` }));
    apis.metrics = many.map(({ name }, n) => metric('DeliveryDead', name, [3, n]));
    const { destinations, unread } = await readStatus({}, many);
    expect(destinations.map(({ dead }) => dead)).toEqual(many.map((_, n) => n));
    expect(unread).toEqual([
      expect.objectContaining({ part: 'queue', error: 'QueueDoesNotExist' }),
    ]);
    // 505 queries: two pages for the first 500, one for the rest
    const calls = apis.calls.filter((call) => call === 'cloudwatch:GetMetricData');
    expect(calls).toHaveLength(3);
  });
});

describe('what cannot be read is null and named, and the rest is shown', () => {
  const unread = { queues: [], reason: 'denied', error: 'AccessDeniedException' };
  it.each([
    [
      'metrics that AWS denies',
      { denied: ['cloudwatch:GetMetricData'] },
      { ...unread, part: 'metrics', permission: 'cloudwatch:GetMetricData' },
    ],
    [
      'alarms that AWS denies',
      { denied: ['cloudwatch:DescribeAlarms'] },
      { ...unread, part: 'alarms', permission: 'cloudwatch:DescribeAlarms' },
    ],
    [
      'metrics while CloudWatch is down',
      { broken: ['cloudwatch:GetMetricData'] },
      { ...unread, part: 'metrics', reason: 'failed', error: 'InternalFailure', permission: null },
    ],
  ])('%s', async (_case, state, entry) => {
    Object.assign(apis, state);
    const report = await readStatus();
    expect(report.unread).toEqual([entry]);
    expect(report.queues.every(({ waiting }) => waiting !== null)).toBe(true);
    expect(report.alarms).toEqual(entry.part === 'alarms' ? null : []);
    expect(report.destinations[0]?.isCircuitOpen).toBe(entry.part === 'metrics' ? null : false);
    expect(report.destinations[0]?.isPaused).toBe(false);
  });

  it('the pauses, when there is no table', async () => {
    const report = await readStatus({ DELIVERIES_TABLE: 'gone' });
    expect(report.unread).toEqual([
      {
        ...unread,
        part: 'pauses',
        reason: 'failed',
        error: 'ResourceNotFoundException',
        permission: null,
      },
    ]);
    expect(report.destinations).toMatchObject([{ isPaused: null, waiting: 0 }, { isPaused: null }]);
  });

  it('queues that do not exist, in one entry', async () => {
    const missing = ['gone', 'lost'].map((id) => ({ name: id, id }));
    const report = await readStatus({}, [...DESTINATIONS, ...missing]);
    expect(report.unread).toEqual([
      {
        part: 'queue',
        queues: ['to-gone', 'to-lost'],
        reason: 'failed',
        error: 'QueueDoesNotExist',
        permission: null,
      },
    ]);
    expect(report.destinations.map(({ waiting }) => waiting === null)).toEqual([
      false,
      false,
      true,
      true,
    ]);
  });

  it('metrics and alarms, which the stage local does not have', async () => {
    const report = await readStatus({ RECEIVE_FUNCTION: '' });
    expect(report.unread.map(({ part, reason }) => `${part} ${reason}`)).toEqual([
      'metrics local',
      'alarms local',
    ]);
    expect(apis.calls).toEqual([]);
  });
});
