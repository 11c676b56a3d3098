import { describe, expect, test } from 'vitest';
import { findFailures, type DemoObservation } from '../../../lib/local/cli/check-demo.ts';
import { formatDemoReport } from '../../../lib/local/cli/demo-report.ts';
import type { Expectation, WebhookSample } from '../../../lib/local/cli/samples.ts';

function createSample(expectation: Partial<Expectation> | null = {}): WebhookSample {
  const expectationWithDefaults: Expectation = {
    httpStatus: 202,
    status: 'queued',
    delivered: ['consumers', 'http'],
    deadLetters: 0,
    ...expectation,
  };
  return {
    name: 'spring',
    about: '',
    version: '2.0',
    rawPath: '/',
    headers: {},
    body: '',
    isBase64Encoded: false,
    ...(expectation !== null && { expect: expectationWithDefaults }),
  };
}

function createObservation(changes: Partial<DemoObservation> = {}): DemoObservation {
  return {
    sample: createSample(),
    response: { status: 202, statusText: '', text: '', webhookStatus: 'queued', id: 'whs_a' },
    deliveryCounts: new Map([
      ['consumers', 1],
      ['http', 1],
    ]),
    deadLetters: 0,
    quarantined: 0,
    ...changes,
  };
}

const QUEUES = [{ name: 'relay-to-http', sent: 18, waiting: 0 }];

const unauthorized = { status: 401, statusText: '', text: '', webhookStatus: null, id: null };

test.each([
  ['delivered everywhere', createObservation()],
  [
    'rejected',
    createObservation({
      sample: createSample({ httpStatus: 401, status: null, delivered: [] }),
      response: unauthorized,
      deliveryCounts: new Map(),
    }),
  ],
  [
    'quarantined',
    createObservation({
      sample: createSample({ status: 'quarantined', delivered: [] }),
      response: { ...createObservation().response, webhookStatus: 'quarantined' },
      deliveryCounts: new Map(),
      quarantined: 1,
    }),
  ],
  [
    'given up',
    createObservation({
      sample: createSample({ delivered: ['http'], deadLetters: 1 }),
      deliveryCounts: new Map([['http', 1]]),
      deadLetters: 1,
    }),
  ],
  [
    'without an expectation',
    createObservation({ sample: createSample(null), response: unauthorized }),
  ],
])('a webhook that is %s, as its sample expects, has no failures', (_case, each) => {
  expect(findFailures(each)).toEqual([]);
});

describe('a failure is reported for', () => {
  test.each([
    [
      'another HTTP status',
      createObservation({ response: { ...unauthorized, webhookStatus: 'queued' } }),
      'HTTP status: 401, expected 202',
    ],
    [
      'another status',
      createObservation({ response: { ...unauthorized, status: 202 } }),
      'status: none, expected queued',
    ],
    [
      'a missing delivery',
      createObservation({ deliveryCounts: new Map([['http', 1]]) }),
      'deliveries to consumers: 0, expected 1',
    ],
    [
      'a second delivery',
      createObservation({
        deliveryCounts: new Map([
          ['consumers', 1],
          ['http', 2],
        ]),
      }),
      'deliveries to http: 2, expected 1',
    ],
    [
      'a delivery to an unexpected destination',
      createObservation({ sample: createSample({ delivered: ['consumers'] }) }),
      'deliveries to http: 1, expected 0',
    ],
    ['a dead letter', createObservation({ deadLetters: 1 }), 'dead letters: 1, expected 0'],
    [
      'an unexpected quarantine',
      createObservation({ quarantined: 1 }),
      'in quarantine: 1, expected 0',
    ],
  ])('%s', (_case, each, failure) => {
    expect(findFailures(each)).toEqual([failure]);
  });
});

describe('the demo report', () => {
  test('is a table of the webhooks, a table of the queues, and a summary', () => {
    const { text, isAsExpected } = formatDemoReport([createObservation()], 0, QUEUES, 6.25);
    expect(isAsExpected).toBe(true);
    expect(text.split('\n')).toEqual([
      'webhook  response    id     consumers  http      result',
      '-------  ----------  -----  ---------  --------  -----------',
      'spring   202 queued  whs_a  received   received  as expected',
      '',
      'queue of a destination  deliveries  left',
      '----------------------  ----------  ----',
      'relay-to-http           18          0',
      '',
      '1 webhooks, all as expected, in 6.3 seconds.',
    ]);
  });

  test('lists every failure', () => {
    const { text, isAsExpected } = formatDemoReport(
      [createObservation(), createObservation({ deadLetters: 2 })],
      0,
      QUEUES,
      1,
    );
    expect(isAsExpected).toBe(false);
    expect(text).toContain('NOT as expected');
    expect(text).toContain('spring: dead letters: 2, expected 0');
    expect(text).toContain('1 of 2 webhooks did NOT match their samples');
  });

  test('reports a delivery that belongs to no webhook', () => {
    const { text, isAsExpected } = formatDemoReport([createObservation()], 1, QUEUES, 1);
    expect(isAsExpected).toBe(false);
    expect(text).toContain('deliveries that match no accepted webhook: 1');
  });

  test('shows that a duplicate was not delivered again', () => {
    const repetition = createSample({ delivered: [], duplicateOf: 'spring' });
    const { text } = formatDemoReport(
      [createObservation(), createObservation({ sample: repetition, deliveryCounts: new Map() })],
      0,
      QUEUES,
      1,
    );
    expect(text).toContain('not again  not again  as expected');
  });
});
