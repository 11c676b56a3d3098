import { readFile } from 'node:fs/promises';
import * as v from 'valibot';
import { beforeAll, describe, expect, it } from 'vitest';
import { ERROR_CODES } from '../../lib/telemetry/error-codes.ts';
import { createMetricsTelemetry } from '../../lib/telemetry/metrics.ts';
import { DELIVERY_STATUSES, WEBHOOK_STATUSES } from '../../lib/telemetry/statuses.ts';
import {
  packageStack,
  parseProperties,
  getResources,
  type Template,
} from '../support/packaged-stack.ts';

/** Every metric that the functions emit, with its dimensions besides `service`. */
function emittedMetrics(): ReadonlyMap<string, readonly string[]> {
  const emitted = new Map<string, string[]>();
  const telemetry = createMetricsTelemetry(({ name, dimensions }) => {
    const others = Object.keys(dimensions).join();
    emitted.set(name, [...(emitted.get(name) ?? []), others]);
  });
  for (const status of WEBHOOK_STATUSES) {
    const webhook = { status, httpStatus: 202, ms: 1, reason: 'signature_mismatch' } as const;
    telemetry.webhookReceived({ ...webhook, unusable: ['expired'] });
  }
  for (const status of DELIVERY_STATUSES) {
    const delivery = { id: 'whs_1', event: 'e', destination: 'crm', ms: 1, attempt: 1, ageMs: 1 };
    telemetry.deliveryProcessed({ ...delivery, status });
  }
  for (const code of ERROR_CODES) telemetry.error({ code, destination: 'crm' });
  return emitted;
}

const TopicSchema = v.tuple([v.object({ Ref: v.literal('AlarmTopic') })]);
const DimensionSchema = v.object({ Name: v.string(), Value: v.unknown() });
const AlarmSchema = v.looseObject({
  AlarmName: v.string(),
  AlarmDescription: v.string(),
  AlarmActions: TopicSchema,
  OKActions: TopicSchema,
  Namespace: v.optional(v.string()),
  MetricName: v.optional(v.string()),
  Dimensions: v.optional(v.array(DimensionSchema), []),
  Metrics: v.optional(v.array(v.object({ Expression: v.string(), Period: v.number() })), []),
});
/** CloudWatch evaluates a week at most, and in periods of an hour or longer (PutMetricAlarm, Period). */
const NeverEmptySchema = v.object({
  MetricName: v.literal('ApproximateNumberOfMessagesVisible'),
  Statistic: v.literal('Maximum'),
  ComparisonOperator: v.literal('GreaterThanOrEqualToThreshold'),
  TreatMissingData: v.literal('notBreaching'),
  Threshold: v.number(),
  Period: v.pipe(v.number(), v.minValue(3_600)),
  EvaluationPeriods: v.number(),
  DatapointsToAlarm: v.number(),
});
const BodySchema = v.object({ 'Fn::Sub': v.string() });
const WidgetsSchema = v.object({
  widgets: v.array(
    v.object({
      x: v.number(),
      y: v.number(),
      width: v.number(),
      height: v.number(),
      properties: v.looseObject({ metrics: v.optional(v.array(v.array(v.unknown())), []) }),
    }),
  ),
});
const OWN_SEARCH =
  /^SEARCH\('\{VoucherRelay,service,(\w+)\} MetricName="(\w+)" service="voucher-relay-prod"', '\w+', 300\)$/;
const BY_DESTINATION =
  /^SELECT SUM\((\w+)\) FROM SCHEMA\(VoucherRelay, service, destination\) WHERE service = 'voucher-relay-prod' GROUP BY destination ORDER BY SUM\(\) DESC$/;

describe('the monitoring of the stack', () => {
  let template: Template;
  let alarms: [string, v.InferOutput<typeof AlarmSchema>][];
  let runbook: string;
  beforeAll(async () => {
    ({ template } = await packageStack('silenceAlarm=on'));
    alarms = parseProperties(template, 'AWS::CloudWatch::Alarm', AlarmSchema);
    runbook = await readFile(new URL('../../docs/operations.md', import.meta.url), 'utf8');
  }, 60_000);

  /** The metrics of the functions, and those of the metric filters of the stack. */
  const measured = (): ReadonlyMap<string, readonly string[]> => {
    const FilterSchema = v.object({
      MetricTransformations: v.array(v.object({ MetricName: v.string() })),
    });
    const filters = parseProperties(template, 'AWS::Logs::MetricFilter', FilterSchema);
    const names = filters.flatMap(([, { MetricTransformations }]) => MetricTransformations);
    return new Map([
      ...emittedMetrics(),
      ...names.map(({ MetricName }): [string, string[]] => [MetricName, ['']]),
    ]);
  };
  const watched = (metric: string, type: string): string[] =>
    getResources(template, type)
      .map(([id]) => id)
      .filter((id) =>
        alarms.some(
          ([, { MetricName, Dimensions }]) =>
            MetricName === metric &&
            Dimensions.some(({ Value }) => JSON.stringify(Value).includes(`"${id}"`)),
        ),
      );

  it('mails its alarms to the address of the stage', () => {
    expect(getResources(template, 'AWS::SNS::Subscription')).toMatchObject([
      ['AlarmMail', { Properties: { Protocol: 'email', Endpoint: 'on-call@example.com' } }],
    ]);
  });

  it('links every alarm to its entry in the runbook, which says what to do and how much time is left', () => {
    const entries = new Map(
      runbook.split(/^### /m).map((entry) => [entry.slice(0, entry.indexOf('\n')), entry]),
    );
    for (const [id, { AlarmName, AlarmDescription }] of alarms) {
      const name = AlarmName.replace('voucher-relay-prod-', '');
      expect(AlarmDescription, id).toMatch(new RegExp(`\\. docs/operations\\.md#${name}$`));
      const entry = entries.get(name);
      for (const part of ['**Means:**', '**The customer feels:**', '**Do', '**Time:**']) {
        expect(entry, name).toContain(part);
      }
    }
  });

  it('has a runbook entry for each alarm, and for nothing else', () => {
    const entries = [...runbook.matchAll(/^### (.*)$/gm)].map(([, name]) => name);
    const names = alarms.map(([, { AlarmName }]) => AlarmName.replace('voucher-relay-prod-', ''));
    expect(new Set(entries)).toEqual(new Set(names));
    expect(entries).toHaveLength(names.length);
  });

  it.each(['Errors', 'Throttles'])('has an alarm for the %s of every function', (metric) => {
    const functions = getResources(template, 'AWS::Lambda::Function').map(([id]) => id);
    expect(watched(metric, 'AWS::Lambda::Function')).toEqual(functions);
  });

  /** The queues whose messages nothing reads by itself. */
  const endQueues = () =>
    getResources(template, 'AWS::SQS::Queue').filter(
      ([, { Properties }]) => Properties['RedrivePolicy'] === undefined,
    );

  it('has an alarm for the oldest message of every queue that is read, and for any message on every other', () => {
    const ends = endQueues().map(([id]) => id);
    const read = getResources(template, 'AWS::SQS::Queue').flatMap(([id]) =>
      ends.includes(id) ? [] : [id],
    );
    expect(watched('ApproximateAgeOfOldestMessage', 'AWS::SQS::Queue')).toEqual(read);
    expect(watched('ApproximateNumberOfMessagesVisible', 'AWS::SQS::Queue')).toEqual(ends);
  });

  describe('on a queue that nothing reads by itself', () => {
    const HOURS = 24 * 7;

    /** The alarm on how long the queue has not been empty. */
    const findOldAlarm = (queue: string) => {
      const found = alarms.find(
        ([, { AlarmName, Dimensions }]) =>
          AlarmName.endsWith('-old') &&
          Dimensions.some(({ Value }) => JSON.stringify(Value).includes(`"${queue}"`)),
      );
      return v.parse(NeverEmptySchema, found?.[1]);
    };

    /** What the alarm says of the number of visible messages in each minute of its hours. */
    const goesOff = (visibleAt: (minute: number) => number): boolean => {
      const [[queue] = ['']] = endQueues();
      const { EvaluationPeriods, DatapointsToAlarm, Threshold } = findOldAlarm(queue);
      const minutes = Array.from({ length: 60 }, (_, minute) => minute);
      const breaching = Array.from({ length: EvaluationPeriods }, (_, hour) =>
        Math.max(...minutes.map((minute) => visibleAt(hour * 60 + minute))),
      ).filter((most) => most >= Threshold);
      return breaching.length >= DatapointsToAlarm;
    };

    it('has an alarm for a message that waited half of its time, by a metric that leaves none out', () => {
      expect(endQueues().length).toBeGreaterThan(2);
      for (const [id, { Properties }] of endQueues()) {
        const { Period, EvaluationPeriods } = findOldAlarm(id);
        expect(Period * EvaluationPeriods, id).toBe(HOURS * 3_600);
        expect(Properties['MessageRetentionPeriod'], id).toBe(2 * HOURS * 3_600);
      }
    });

    it('goes off however often the messages were looked at', () => {
      // the longest that a run hides its messages: its own 15 minutes, and 930 s after a crash
      const everyHour = (minute: number): number => (minute % 60 < 31 ? 0 : 1);
      expect(goesOff(() => 1)).toBe(true);
      expect(goesOff(everyHour)).toBe(true);
    });

    it('goes off although two hours lack data', () => {
      expect(goesOff((minute) => (minute < 120 ? 0 : 1))).toBe(true);
    });

    it.each([
      ['was empty for some hours', (minute: number) => (minute >= 900 && minute < 1_140 ? 0 : 1)],
      ['has been filled for six days', (minute: number) => (minute < 24 * 60 ? 0 : 1)],
      ['is empty', () => 0],
    ])('does not go off when the queue %s', (_, visibleAt) => {
      expect(goesOff(visibleAt)).toBe(false);
    });
  });

  it('uses metrics that exist, with their dimensions', () => {
    const metrics = measured();
    for (const [id, { Namespace, MetricName = '', Dimensions }] of alarms) {
      if (Namespace !== 'VoucherRelay') continue;
      const [service, ...others] = Dimensions;
      expect(service, id).toEqual({ Name: 'service', Value: 'voucher-relay-prod' });
      expect(metrics.get(MetricName), id).toContain(others.map(({ Name }) => Name).join());
    }
  });

  it('has alarms for each destination on its own', () => {
    const queries = alarms.flatMap(([, { Metrics }]) => Metrics);
    const metrics = queries.map(({ Expression }) => BY_DESTINATION.exec(Expression)?.[1]);
    expect(metrics).toEqual([
      'DeliveryWaiting',
      'CredentialsRejected',
      'SecretUnavailable',
      'DestinationGone',
      'DestinationMisconfigured',
    ]);
    for (const metric of metrics) expect(measured().get(metric ?? '')).toContain('destination');
  });

  it('has a dashboard without overlapping widgets, from left to right along the flow', () => {
    const { widgets } = dashboard();
    const cells = widgets.flatMap(({ x, y, width, height }) =>
      Array.from(
        { length: width * height },
        (_, i) => `${x + (i % width)},${y + Math.floor(i / width)}`,
      ),
    );
    expect(new Set(cells).size).toBe(cells.length);
    expect(widgets.every(({ x, width }) => x + width <= 24)).toBe(true);
  });

  it('has a dashboard of metrics that exist', () => {
    const lines = dashboard().widgets.flatMap(({ properties }) => properties.metrics);
    const plain = lines.filter(([namespace]) => namespace === 'VoucherRelay');
    expect(plain.length).toBeGreaterThan(3);
    for (const [, name] of plain) expect(measured().get(String(name)), String(name)).toContain('');

    const searches = lines.filter(([first]) => typeof first !== 'string');
    expect(searches.length).toBeGreaterThan(6);
    for (const [first] of searches) {
      const { expression } = v.parse(v.object({ expression: v.string() }), first);
      const [, dimension, metric = ''] = OWN_SEARCH.exec(expression) ?? [];
      expect(measured().get(metric), expression).toContain(dimension);
    }
  });

  function dashboard(): v.InferOutput<typeof WidgetsSchema> {
    const DashboardSchema = v.object({ DashboardBody: BodySchema });
    const [[, { DashboardBody }] = ['', { DashboardBody: { 'Fn::Sub': '' } }]] = parseProperties(
      template,
      'AWS::CloudWatch::Dashboard',
      DashboardSchema,
    );
    return v.parse(WidgetsSchema, JSON.parse(DashboardBody['Fn::Sub']));
  }
});
