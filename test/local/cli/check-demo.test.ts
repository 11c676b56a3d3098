import { describe, expect, test } from 'vitest';
import {
  type DemoDeadLetter,
  type DemoObservation,
  findDifferences,
  findFailures,
} from '../../../lib/local/cli/check-demo.ts';
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
    rawPath: '/webhooks/voucherify',
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
    deadLetters: [],
    quarantined: 0,
    ...changes,
  };
}

const QUEUES = ['consumers', 'http'].map((destination) => ({
  name: `relay-to-${destination}`,
  destination,
  sent: 18,
  waiting: 0,
}));
const TOTALS = { unmatchedDeliveries: 0, queues: QUEUES, isStrict: true };
const UNDELIVERABLE: DemoDeadLetter = { destination: 'crm', reason: 'undeliverable', cause: null };

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
      deadLetters: [UNDELIVERABLE],
    }),
  ],
  [
    'without an expectation',
    createObservation({ sample: createSample(null), response: unauthorized }),
  ],
])(
  'a webhook that is %s, as its sample expects, has no failures and no differences',
  (_case, each) => {
    expect(findFailures(each)).toEqual([]);
    expect(findDifferences(each)).toEqual([]);
  },
);

describe('a failure is reported, whatever the destinations are, for', () => {
  test.each([
    [
      'another HTTP status',
      createObservation({ response: { ...unauthorized, webhookStatus: 'queued' } }),
      'HTTP status: 401, expected 202',
    ],
    [
      'another status',
      createObservation({
        response: { ...unauthorized, status: 202 },
        deliveryCounts: new Map(),
      }),
      'status: none, expected queued',
    ],
    [
      'a second delivery',
      createObservation({ deliveryCounts: new Map([['http', 2]]) }),
      'deliveries to http: 2, expected 1 at most',
    ],
    [
      'a repetition that is delivered',
      createObservation({
        sample: createSample({ delivered: [], duplicateOf: 'summer' }),
        deliveryCounts: new Map([['http', 1]]),
      }),
      'deliveries to http: 1, expected 0 at most',
    ],
    [
      'a destination whose code throws',
      createObservation({
        deadLetters: [{ destination: 'crm', reason: 'deliver_threw', cause: 'TypeError' }],
      }),
      'the code of a destination failed: crm: deliver_threw (TypeError)',
    ],
    [
      'an unexpected quarantine',
      createObservation({ quarantined: 1 }),
      'in quarantine: 1, expected 0',
    ],
  ])('%s', (_case, each, failure) => {
    expect(findFailures(each)).toEqual([failure]);
  });
});

describe('a difference from the shipped destinations and mappings is no failure:', () => {
  test.each([
    [
      'a missing delivery',
      createObservation({ deliveryCounts: new Map([['http', 1]]) }),
      'deliveries to consumers: 0, expected 1',
    ],
    [
      'a delivery to another destination',
      createObservation({ sample: createSample({ delivered: ['consumers'] }) }),
      'deliveries to http: 1, expected 0',
    ],
    [
      'a dead letter that the data causes',
      createObservation({ deadLetters: [UNDELIVERABLE] }),
      'dead letters: 1, expected 0',
    ],
    [
      'a mapping that is gone',
      createObservation({
        sample: { ...createSample({ delivered: [] }), rawPath: '/webhooks/voucherify/mail' },
        response: { ...createObservation().response, webhookStatus: 'quarantined' },
        deliveryCounts: new Map(),
        quarantined: 1,
      }),
      'status: quarantined, expected queued',
    ],
  ])('%s', (_case, each, difference) => {
    expect(findFailures(each)).toEqual([]);
    expect(findDifferences(each)).toEqual([difference]);
  });
});

describe('the demo report', () => {
  test('shows dead letters, and is not strict unless asked', () => {
    const each = createObservation({ deadLetters: [UNDELIVERABLE] });
    const { text, isAsExpected } = formatDemoReport([each], { ...TOTALS, isStrict: false }, 1);
    expect(isAsExpected).toBe(true);
    expect(text).toContain('1 webhooks, nothing failed');
    expect(text).toContain('dead letters        result');
    expect(text).toContain('crm: undeliverable  ok');
  });

  test('is a table of the webhooks, a table of the queues, and a summary', () => {
    const { text, isAsExpected } = formatDemoReport([createObservation()], TOTALS, 6.25);
    expect(isAsExpected).toBe(true);
    expect(text.split('\n')).toEqual([
      'webhook  response    id     consumers  http      result',
      '-------  ----------  -----  ---------  --------  -----------',
      'spring   202 queued  whs_a  received   received  as expected',
      '',
      'queue of a destination  deliveries  left',
      '----------------------  ----------  ----',
      'relay-to-consumers      18          0',
      'relay-to-http           18          0',
      '',
      '1 webhooks, all as expected, in 6.3 seconds.',
    ]);
  });

  test('lists every failure', () => {
    const { text, isAsExpected } = formatDemoReport(
      [createObservation(), createObservation({ deadLetters: [UNDELIVERABLE] })],
      TOTALS,
      1,
    );
    expect(isAsExpected).toBe(false);
    expect(text).toContain('NOT as expected');
    expect(text).toContain('spring: dead letters: 1, expected 0');
    expect(text).toContain('1 of 2 webhooks did NOT match their samples');
  });

  test('reports a delivery that belongs to no webhook', () => {
    const { text, isAsExpected } = formatDemoReport(
      [createObservation()],
      { ...TOTALS, unmatchedDeliveries: 1 },
      1,
    );
    expect(isAsExpected).toBe(false);
    expect(text).toContain('deliveries that match no accepted webhook: 1');
  });

  test('shows that a duplicate was not delivered again', () => {
    const repetition = createSample({ delivered: [], duplicateOf: 'spring' });
    const { text } = formatDemoReport(
      [createObservation(), createObservation({ sample: repetition, deliveryCounts: new Map() })],
      TOTALS,
      1,
    );
    expect(text).toContain('not again  not again  as expected');
  });
});
