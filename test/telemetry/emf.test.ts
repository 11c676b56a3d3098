import { describe, expect, it } from 'vitest';
import { createEmbeddedMetrics } from '../../lib/telemetry/emf.ts';

const NOW = new Date('2026-03-05T10:00:00.000Z');

interface EmfDocument {
  readonly _aws: {
    readonly CloudWatchMetrics: readonly [
      { readonly Metrics: readonly { readonly Name: string }[] },
    ];
  };
  readonly [name: string]: unknown;
}

/** Metrics whose lines are kept, parsed. */
function recordedMetrics() {
  const texts: string[] = [];
  const { measure, publish } = createEmbeddedMetrics({
    namespace: 'VoucherRelay',
    service: 'relay-of-tests',
    now: () => NOW,
    write: (text) => texts.push(text),
  });
  const count = (name: string, value = 1, dimensions = {}) =>
    measure({ name, unit: 'Count', value, dimensions });
  const documents = () => texts.map((text) => JSON.parse(text) as EmfDocument);
  return { count, measure, publish, texts, documents };
}

describe('embedded metrics', () => {
  it('are one line of JSON for each set of dimensions, written when they are published', () => {
    const { count, measure, publish, texts, documents } = recordedMetrics();
    count('WebhookReceived');
    count('WebhookQueued');
    count('WebhookReceived');
    const dimensions = { destination: 'crm' };
    measure({ name: 'RecordAgeAtDelivery', unit: 'Milliseconds', value: 812, dimensions });
    expect(texts).toEqual([]);
    publish();

    expect(texts.map((text) => text.indexOf('\n'))).toEqual(texts.map((text) => text.length - 1));
    expect(documents()).toEqual([
      {
        _aws: {
          Timestamp: NOW.getTime(),
          CloudWatchMetrics: [
            {
              Namespace: 'VoucherRelay',
              Dimensions: [['service']],
              Metrics: [
                { Name: 'WebhookReceived', Unit: 'Count' },
                { Name: 'WebhookQueued', Unit: 'Count' },
              ],
            },
          ],
        },
        service: 'relay-of-tests',
        WebhookReceived: [1, 1],
        WebhookQueued: 1,
      },
      {
        _aws: {
          Timestamp: NOW.getTime(),
          CloudWatchMetrics: [
            {
              Namespace: 'VoucherRelay',
              Dimensions: [['service', 'destination']],
              Metrics: [{ Name: 'RecordAgeAtDelivery', Unit: 'Milliseconds' }],
            },
          ],
        },
        service: 'relay-of-tests',
        destination: 'crm',
        RecordAgeAtDelivery: 812,
      },
    ]);
  });

  it('are written once, and only where a value was measured', () => {
    const { count, publish, texts } = recordedMetrics();
    publish();
    count('WebhookReceived');
    publish();
    publish();
    expect(texts).toHaveLength(1);
  });

  it('have at most 100 values a metric in a line, and lose none', () => {
    const { count, publish, documents } = recordedMetrics();
    for (let n = 0; n < 201; n += 1) count('WebhookReceived', n);
    publish();
    const values = documents().map(({ WebhookReceived }) => [WebhookReceived].flat());
    expect(values.map(({ length }) => length)).toEqual([100, 100, 1]);
    expect(values.flat()).toEqual(Array.from({ length: 201 }, (_, n) => n));
  });

  it('are at most 100 in a line, and none is lost', () => {
    const { count, publish, documents } = recordedMetrics();
    for (let n = 0; n < 101; n += 1) count(`Metric${n}`);
    publish();
    const names = documents().map(({ _aws }) =>
      _aws.CloudWatchMetrics[0].Metrics.map(({ Name }) => Name),
    );
    expect(names.map(({ length }) => length)).toEqual([100, 1]);
    expect(new Set(names.flat()).size).toBe(101);
  });
});
