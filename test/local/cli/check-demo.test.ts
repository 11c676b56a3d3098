import { describe, expect, test } from 'vitest';
import { faultsOf, type Seen } from '../../../lib/local/cli/check-demo.ts';
import { demoReport } from '../../../lib/local/cli/demo-report.ts';
import type { Expectation, WebhookSample } from '../../../lib/local/cli/samples.ts';

function sample(expectation: Partial<Expectation> | null = {}): WebhookSample {
  const expectations: Expectation = {
    answer: 202,
    status: 'queued',
    delivered: ['consumers', 'http'],
    dead: 0,
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
    ...(expectation !== null && { expect: expectations }),
  };
}

function seen(changes: Partial<Seen> = {}): Seen {
  return {
    sample: sample(),
    answer: { status: 202, statusText: '', text: '', outcome: 'queued', id: 'whs_a' },
    arrivals: new Map([
      ['consumers', 1],
      ['http', 1],
    ]),
    deadLetters: 0,
    quarantined: 0,
    ...changes,
  };
}

const refusal = { status: 401, statusText: '', text: '', outcome: null, id: null };

test.each([
  ['delivered everywhere', seen()],
  [
    'refused',
    seen({
      sample: sample({ answer: 401, status: null, delivered: [] }),
      answer: refusal,
      arrivals: new Map(),
    }),
  ],
  [
    'quarantined',
    seen({
      sample: sample({ status: 'quarantined', delivered: [] }),
      answer: { ...seen().answer, outcome: 'quarantined' },
      arrivals: new Map(),
      quarantined: 1,
    }),
  ],
  [
    'given up',
    seen({
      sample: sample({ delivered: ['http'], dead: 1 }),
      arrivals: new Map([['http', 1]]),
      deadLetters: 1,
    }),
  ],
  ['without an expectation', seen({ sample: sample(null), answer: refusal })],
])('a webhook that is %s as its sample says has no faults', (_case, each) => {
  expect(faultsOf(each)).toEqual([]);
});

describe('a fault is', () => {
  test.each([
    [
      'another answer',
      seen({ answer: { ...refusal, outcome: 'queued' } }),
      'answer: 401 in place of 202',
    ],
    [
      'another status',
      seen({ answer: { ...refusal, status: 202 } }),
      'status: none in place of queued',
    ],
    [
      'a delivery that is missing',
      seen({ arrivals: new Map([['http', 1]]) }),
      'deliveries to consumers: 0 in place of 1',
    ],
    [
      'a delivery too many',
      seen({
        arrivals: new Map([
          ['consumers', 1],
          ['http', 2],
        ]),
      }),
      'deliveries to http: 2 in place of 1',
    ],
    [
      'a delivery to somebody else',
      seen({ sample: sample({ delivered: ['consumers'] }) }),
      'deliveries to http: 1 in place of 0',
    ],
    ['a dead letter', seen({ deadLetters: 1 }), 'dead letters: 1 in place of 0'],
    ['a place in quarantine', seen({ quarantined: 1 }), 'in quarantine: 1 in place of 0'],
  ])('%s', (_case, each, fault) => {
    expect(faultsOf(each)).toEqual([fault]);
  });
});

describe('the report', () => {
  test('is a table and a closing line', () => {
    const { text, asExpected } = demoReport([seen()], 0, 6.25);
    expect(asExpected).toBe(true);
    expect(text.split('\n')).toEqual([
      'webhook  answer      record  consumers  http      went',
      '-------  ----------  ------  ---------  --------  -----------',
      'spring   202 queued  whs_a   received   received  as expected',
      '',
      '1 webhooks, all of them as expected, in 6.3 seconds.',
    ]);
  });

  test('names each fault', () => {
    const { text, asExpected } = demoReport([seen(), seen({ deadLetters: 2 })], 0, 1);
    expect(asExpected).toBe(false);
    expect(text).toContain('NOT as expected');
    expect(text).toContain('spring: dead letters: 2 in place of 0');
    expect(text).toContain('1 of 2 webhooks did NOT go as their samples say');
  });

  test('does not overlook a delivery that belongs to no webhook', () => {
    const { text, asExpected } = demoReport([seen()], 1, 1);
    expect(asExpected).toBe(false);
    expect(text).toContain('deliveries that belong to no webhook that was taken: 1');
  });

  test('says of a repetition that it was not delivered again', () => {
    const repetition = sample({ delivered: [], duplicateOf: 'spring' });
    const { text } = demoReport([seen(), seen({ sample: repetition, arrivals: new Map() })], 0, 1);
    expect(text).toContain('not again  not again  as expected');
  });
});
