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
  for (const result of ['delivered', 'failed', 'refused'] as const) {
    telemetry.attemptMade({ destination: 'crm', result });
  }
  telemetry.batchDelivered({ destination: 'crm', oldestAgeMs: 1, isCircuitOpen: true });
  for (const code of ERROR_CODES) telemetry.error({ code, destination: 'crm' });
  return emitted;
}

const TopicSchema = v.tuple([v.object({ Ref: v.literal('AlarmTopic') })]);
const DimensionSchema = v.object({ Name: v.string(), Value: v.unknown() });
/** A metric that an expression reads. */
const ReadMetricSchema = v.object({
  Id: v.string(),
  MetricStat: v.object({
    Metric: v.object({
      Namespace: v.string(),
      MetricName: v.string(),
      Dimensions: v.array(DimensionSchema),
    }),
    Stat: v.string(),
    Period: v.number(),
  }),
  ReturnData: v.literal(false),
});
const ExpressionSchema = v.object({
  Expression: v.string(),
  Period: v.optional(v.number()),
  ReturnData: v.optional(v.boolean(), true),
});
const AlarmSchema = v.looseObject({
  AlarmName: v.string(),
  AlarmDescription: v.string(),
  AlarmActions: TopicSchema,
  OKActions: TopicSchema,
  Namespace: v.optional(v.string()),
  MetricName: v.optional(v.string()),
  Dimensions: v.optional(v.array(DimensionSchema), []),
  Metrics: v.optional(v.array(v.union([ReadMetricSchema, ExpressionSchema])), []),
});
type Alarm = v.InferOutput<typeof AlarmSchema>;

/** The metrics of an alarm, whether it judges one itself or an expression of several. */
function listMetrics({ Namespace = '', MetricName = '', Dimensions, Metrics }: Alarm) {
  const read = Metrics.flatMap((each) => ('MetricStat' in each ? [each.MetricStat.Metric] : []));
  return MetricName === '' ? read : [{ Namespace, MetricName, Dimensions }, ...read];
}

/** The runbook entry of an alarm. The alarms that each destination has share one: `crm-given-up`. */
function toEntry(alarmName: string): string {
  const name = alarmName.replace('voucher-relay-prod-', '');
  return name.replace(
    /^(?:consumers|http)-(?=given-up$|failing$|circuit-open$|backlog-old$|backlog-unread$)/,
    '',
  );
}
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
  let alarms: [string, Alarm][];
  let runbook: string;
  beforeAll(async () => {
    const httpDestinationUrl = 'https://crm.example.test/hook';
    ({ template } = await packageStack(
      'silenceAlarm=on',
      'reconcileDaily=on',
      `httpDestinationUrl=${httpDestinationUrl}`,
    ));
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
  /** The resources of a type that an alarm names in a dimension: by logical id, or by name. */
  const watched = (metric: string, type: string): string[] =>
    getResources(template, type).flatMap(([id, { Properties }]) => {
      const names = [`"${id}"`, JSON.stringify(Properties['QueueName'] ?? id)];
      const isWatched = alarms
        .flatMap(([, alarm]) => listMetrics(alarm))
        .some(
          ({ MetricName, Dimensions }) =>
            MetricName === metric &&
            Dimensions.some(({ Value }) =>
              names.some((name) => JSON.stringify(Value).includes(name)),
            ),
        );
      return isWatched ? [id] : [];
    });

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
      const name = toEntry(AlarmName);
      expect(AlarmDescription, id).toMatch(new RegExp(`\\. docs/operations\\.md#${name}$`));
      const entry = entries.get(name);
      for (const part of ['**Means:**', '**The customer feels:**', '**Do', '**Time:**']) {
        expect(entry, name).toContain(part);
      }
    }
  });

  it('has a runbook entry for each alarm, and for nothing else', () => {
    const entries = [...runbook.matchAll(/^### (.*)$/gm)].map(([, name]) => name);
    const names = new Set(alarms.map(([, { AlarmName }]) => toEntry(AlarmName)));
    expect(new Set(entries)).toEqual(names);
    expect(entries).toHaveLength(names.size);
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

  it('has an alarm for the oldest message of every queue that is read, for waiting messages on those of destinations and every other', () => {
    const ends = endQueues().map(([id]) => id);
    const read = getResources(template, 'AWS::SQS::Queue').flatMap(([id]) =>
      ends.includes(id) ? [] : [id],
    );
    expect(watched('ApproximateAgeOfOldestMessage', 'AWS::SQS::Queue')).toEqual(read);
    const ofDestinations = read.filter((id) => /^To\w+Queue$/.test(id));
    expect(ofDestinations).toHaveLength(2);
    expect(watched('ApproximateNumberOfMessagesVisible', 'AWS::SQS::Queue')).toEqual([
      ...ends,
      ...ofDestinations,
    ]);
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
    const own = alarms
      .flatMap(([, alarm]) => listMetrics(alarm))
      .filter(({ Namespace }) => Namespace === 'VoucherRelay');
    expect(own.length).toBeGreaterThan(10);
    for (const { MetricName, Dimensions } of own) {
      const [service, ...others] = Dimensions;
      expect(service, MetricName).toEqual({ Name: 'service', Value: 'voucher-relay-prod' });
      expect(metrics.get(MetricName), MetricName).toContain(others.map(({ Name }) => Name).join());
    }
  });

  it('has alarms that name the destinations which caused them', () => {
    const queries = alarms.flatMap(([, { Metrics }]) =>
      Metrics.flatMap((each) => ('Expression' in each ? [each.Expression] : [])),
    );
    const metrics = queries.flatMap((query) => BY_DESTINATION.exec(query)?.[1] ?? []);
    expect(metrics).toEqual([
      'CredentialsRejected',
      'SecretUnavailable',
      'DestinationGone',
      'DestinationMisconfigured',
    ]);
    for (const metric of metrics) expect(measured().get(metric)).toContain('destination');
  });

  describe.each(['consumers', 'http'])('of the destination %s', (destination) => {
    const findAlarm = (entry: string): Alarm => {
      const name = `voucher-relay-prod-${destination}-${entry}`;
      const found = alarms.find(([, { AlarmName }]) => AlarmName === name)?.[1];
      if (found === undefined) throw new Error(`There is no alarm ${name}`);
      return found;
    };
    const metricsOf = (entry: string) =>
      listMetrics(findAlarm(entry)).map(({ MetricName, Dimensions }) => [
        MetricName,
        Dimensions.at(-1)?.Value,
      ]);
    const expressionsOf = (entry: string): string[] =>
      findAlarm(entry).Metrics.flatMap((each) =>
        'Expression' in each && each.ReturnData ? [each.Expression] : [],
      );

    it('notifies of the first delivery that is given up', () => {
      expect(metricsOf('given-up')).toEqual([['DeliveryDead', destination]]);
      expect(findAlarm('given-up')).toMatchObject({
        Statistic: 'Sum',
        Period: 60,
        Threshold: 1,
        EvaluationPeriods: 1,
        TreatMissingData: 'notBreaching',
      });
    });

    it('notifies when half of the attempts failed in three periods of five minutes', () => {
      expect(metricsOf('failing')).toEqual([
        ['DeliveryFailed', destination],
        ['DeliveryAttempted', destination],
      ]);
      expect(expressionsOf('failing')).toEqual(['failed / attempted']);
      expect(findAlarm('failing')).toMatchObject({
        Metrics: [{ MetricStat: { Stat: 'Sum', Period: 300 } }, {}, {}],
        Threshold: 0.5,
        EvaluationPeriods: 3,
        DatapointsToAlarm: 3,
        TreatMissingData: 'notBreaching',
      });
    });

    it('notifies when the circuit is open in three periods of five minutes', () => {
      expect(metricsOf('circuit-open')).toEqual([['CircuitOpen', destination]]);
      expect(findAlarm('circuit-open')).toMatchObject({
        Period: 300,
        Threshold: 1,
        EvaluationPeriods: 3,
        DatapointsToAlarm: 3,
      });
    });

    it('notifies when a delivery has waited for a week, by our metric in milliseconds or that of SQS', () => {
      expect(metricsOf('backlog-old')).toEqual([
        ['OldestDeliveryAge', destination],
        ['ApproximateAgeOfOldestMessage', `voucher-relay-prod-to-${destination}`],
      ]);
      expect(expressionsOf('backlog-old')).toEqual([
        'MAX([FILL(oldestReceivedMs, 0) / 1000, FILL(oldestInQueue, 0)])',
      ]);
      expect(findAlarm('backlog-old')).toMatchObject({
        Metrics: [{ MetricStat: { Stat: 'Maximum', Period: 3_600 } }, {}, {}],
        Threshold: 7 * 24 * 3_600,
      });
    });

    it('notifies when deliveries wait and nothing has read the queue for a day', () => {
      const queue = `voucher-relay-prod-to-${destination}`;
      expect(metricsOf('backlog-unread')).toEqual([
        ['ApproximateNumberOfMessagesVisible', queue],
        ['NumberOfMessagesReceived', queue],
      ]);
      expect(expressionsOf('backlog-unread')).toEqual([
        'IF(FILL(waiting, 0) > 0 AND FILL(received, 0) == 0, 1, 0)',
      ]);
      expect(findAlarm('backlog-unread')).toMatchObject({
        Metrics: [
          { MetricStat: { Stat: 'Maximum', Period: 3_600 } },
          { MetricStat: { Stat: 'Sum' } },
          {},
        ],
        Threshold: 1,
        EvaluationPeriods: 24,
        DatapointsToAlarm: 24,
        TreatMissingData: 'notBreaching',
      });
    });

    it('has a row on the dashboard', () => {
      const titles = dashboard().widgets.flatMap(({ y, properties }) =>
        String(properties['title']).startsWith(`${destination}: `) ? [y] : [],
      );
      expect(titles).toHaveLength(4);
      expect(new Set(titles).size).toBe(1);
    });
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
    for (const [, name, ...rest] of plain) {
      // pairs of a dimension and its value, and the options of the line
      const dimensions = rest.slice(0, -1).filter((_, index) => index % 2 === 0);
      const [service, ...others] = dimensions.map(String);
      expect(service).toBe('service');
      expect(measured().get(String(name)), String(name)).toContain(others.join());
    }

    const ExpressionLineSchema = v.object({ expression: v.string() });
    const expressions = lines.flatMap(([first]) =>
      v.is(ExpressionLineSchema, first) ? [first.expression] : [],
    );
    const searches = expressions.filter((expression) => expression.startsWith('SEARCH'));
    expect(searches.length).toBeGreaterThan(6);
    for (const expression of searches) {
      const [, dimension, metric = ''] = OWN_SEARCH.exec(expression) ?? [];
      expect(measured().get(metric), expression).toContain(dimension);
    }
    const others = expressions.filter((expression) => !expression.startsWith('SEARCH'));
    expect(new Set(others)).toEqual(new Set(['received / 1000']));
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
