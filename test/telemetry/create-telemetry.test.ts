import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { isMetricsLine } from '../../lib/telemetry/log-lines.ts';
import { createTelemetry } from '../../lib/telemetry/create-telemetry.ts';
import { captureOutput } from '../support/captured-lines.ts';
import { aContext } from '../support/lambda.ts';

const SETTINGS = {
  POWERTOOLS_SERVICE_NAME: 'relay-of-tests',
  POWERTOOLS_METRICS_NAMESPACE: 'VoucherRelay',
};
const delivery = {
  id: 'whs_1',
  event: 'voucherify.voucher.published',
  destination: 'crm',
  status: 'delivered',
  ms: 3,
  attempt: 1,
  ageMs: 20,
} as const;

interface MetricsLine {
  _aws: {
    CloudWatchMetrics: [{ Namespace: string; Dimensions: string[][]; Metrics: { Name: string }[] }];
  };
  [name: string]: unknown;
}

function readMetrics(lines: readonly string[]): MetricsLine[] {
  return lines.filter(isMetricsLine).map((line) => JSON.parse(line) as MetricsLine);
}

beforeAll(() => {
  vi.stubEnv('POWERTOOLS_LOG_LEVEL', 'INFO');
  vi.stubEnv('_X_AMZN_TRACE_ID', 'Root=1-5759e988-bd862e3fe1be46a994272793;Sampled=1');
});
afterAll(() => vi.unstubAllEnvs());

describe('an invocation', () => {
  it.each(['succeeds', 'fails'])(
    'publishes what it measured to its end, when it %s',
    async (end) => {
      const { telemetry, withTelemetry } = createTelemetry(SETTINGS);
      const handler = withTelemetry(async () => {
        await new Promise((resolve) => setTimeout(resolve, 1));
        telemetry.deliveryProcessed(delivery);
        if (end === 'fails') throw new Error('the handler failed');
      });

      const lines = readMetrics(await captureOutput(() => handler({}, aContext()).catch(() => {})));

      expect(lines.some((line) => 'DeliveryDelivered' in line)).toBe(true);
    },
  );

  it('loses no value of its metrics, however many deliveries it makes', async () => {
    const { telemetry, withTelemetry } = createTelemetry(SETTINGS);
    const handler = withTelemetry(async () => {
      for (let n = 0; n < 250; n += 1) telemetry.deliveryProcessed(delivery);
      telemetry.deliveryProcessed({
        ...delivery,
        destination: 'mail',
        status: 'dead',
        reason: 'rejected',
        ageMs: undefined,
      });
    });

    const lines = readMetrics(await captureOutput(() => handler({}, aContext())));

    const sums = new Map<string, number>();
    for (const line of lines) {
      const [{ Namespace, Dimensions, Metrics }] = line._aws.CloudWatchMetrics;
      expect(Namespace).toBe('VoucherRelay');
      expect(Dimensions).toHaveLength(1);
      expect(line['service']).toBe('relay-of-tests');
      const [names = []] = Dimensions;
      const where = names.map((name) => String(line[name])).join(' ');
      for (const { Name } of Metrics) {
        const values = [line[Name]].flat().map(Number);
        expect(values.length).toBeLessThanOrEqual(100);
        const key = `${Name} of ${where}`;
        sums.set(key, (sums.get(key) ?? 0) + values.reduce((sum, value) => sum + value, 0));
      }
    }
    expect(Object.fromEntries(sums)).toEqual({
      'DeliveryDelivered of relay-of-tests': 250,
      'DeliveryDelivered of relay-of-tests crm': 250,
      'RecordAgeAtDelivery of relay-of-tests crm': 250 * 20,
      'DeliveryDead of relay-of-tests': 1,
      'DeliveryDead of relay-of-tests mail': 1,
    });
  });

  it('writes its metrics when it throws, and none of them twice', async () => {
    const { telemetry, withTelemetry } = createTelemetry(SETTINGS);
    let calls = 0;
    const handler = withTelemetry(async () => {
      calls += 1;
      if (calls > 1) return;
      telemetry.error({ code: 'unrouted', id: 'whs_1' });
      throw new TypeError('of tests');
    });

    const first = await captureOutput(() =>
      expect(handler({}, aContext())).rejects.toThrow('of tests'),
    );
    const second = await captureOutput(() => handler({}, aContext()));

    expect(readMetrics(first)).toMatchObject([{ Unrouted: 1 }]);
    expect(second).toEqual([]);
  });

  it('puts the ids of the request, the trace and the record into every log line', async () => {
    const { telemetry, withTelemetry } = createTelemetry(SETTINGS);
    const handler = withTelemetry(async () => telemetry.deliveryProcessed(delivery));

    const lines = await captureOutput(() =>
      handler({}, { ...aContext(), awsRequestId: 'request-7' }),
    );

    const log = lines.filter((line) => !isMetricsLine(line)).map((line) => JSON.parse(line) as {});
    expect(log).toMatchObject([
      {
        message: 'delivery',
        id: 'whs_1',
        function_request_id: 'request-7',
        xray_trace_id: '1-5759e988-bd862e3fe1be46a994272793',
        service: 'relay-of-tests',
      },
    ]);
  });
});
