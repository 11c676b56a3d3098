import { describe, expect, test } from 'vitest';
import { parseJournalLine } from '../../../lib/local/emulator/parse-log-line.ts';
import { readableLine } from '../../../lib/local/cli/format-log-line.ts';

const read = (line: unknown): string => {
  const { tone, text } = readableLine(parseJournalLine(JSON.stringify(line)));
  return `${tone}: ${text}`;
};
const common = { level: 'INFO', timestamp: '2026-03-05T09:15:03.480Z', service: 'voucher-relay' };

describe('a webhook', () => {
  const webhook = { ...common, message: 'webhook', status: 'queued', answer: 202, ms: 12 };
  test.each([
    [
      {
        ...webhook,
        id: 'whs_a',
        event: 'voucherify.manual_distribution_schedule',
        purpose: 'code',
        test: false,
      },
      'good: 202 queued whs_a manual_distribution_schedule code 12 ms',
    ],
    [{ ...webhook, id: 'whs_a', test: true }, 'good: 202 queued whs_a test 12 ms'],
    [
      {
        ...webhook,
        status: 'quarantined',
        id: 'sha_a',
        issues: [{ path: 'data.voucher', message: 'is missing' }],
      },
      'warning: 202 quarantined sha_a 12 ms \n    data.voucher is missing',
    ],
    [
      { ...webhook, status: 'refused', answer: 401, reason: 'signature_mismatch' },
      'warning: 401 refused (signature_mismatch) 12 ms',
    ],
    [
      { ...webhook, status: 'unavailable', answer: 503, reason: 'queue' },
      'bad: 503 unavailable (queue) 12 ms',
    ],
    [
      { ...webhook, status: 'failed', answer: 500, reason: 'TypeError' },
      'bad: 500 failed (TypeError) 12 ms',
    ],
  ])('%#', (line, text) => {
    expect(read(line)).toBe(text);
  });
});

describe('a delivery', () => {
  const delivery = {
    ...common,
    message: 'delivery',
    id: 'whs_a',
    event: 'voucherify.manual_distribution_schedule',
    destination: 'http',
    outcome: 'delivered',
    ms: 8,
    attempt: 1,
  };
  test.each([
    [{ ...delivery, status: 200 }, 'good: delivery whs_a -> http delivered 200 8 ms'],
    [{ ...delivery, attempt: 3 }, 'good: delivery whs_a -> http delivered attempt 3 8 ms'],
    [
      { ...delivery, outcome: 'duplicate' },
      'plain: delivery whs_a -> http duplicate of whs_a, not delivered',
    ],
    [
      { ...delivery, outcome: 'retry', status: 503, attempt: 2, nextInSeconds: 30 },
      'warning: delivery whs_a -> http failed 503 attempt 2 again in 30 s',
    ],
    [{ ...delivery, outcome: 'rejected', status: 400 }, 'bad: delivery whs_a -> http rejected 400'],
    [
      { ...delivery, outcome: 'dead', reason: 'too_old' },
      'bad: delivery whs_a -> http dead (too_old)',
    ],
  ])('%#', (line, text) => {
    expect(read(line)).toBe(text);
  });
});

test('trouble is told with all that is known of it', () => {
  expect(
    read({
      ...common,
      message: 'trouble',
      what: 'ledger',
      id: 'whs_a',
      destination: 'http',
      reason: 'throttled',
    }),
  ).toBe('bad: trouble ledger whs_a -> http (throttled)');
});

test.each([
  'no JSON at all',
  '{"message":"something else"}',
  '{"message":"webhook","status":"of another kind"}',
  '{"message":"delivery"}',
  '{"message":"trouble"}',
  '[1]',
])('any other line stays as it is: %s', (text) => {
  expect(readableLine(parseJournalLine(text))).toEqual({ tone: 'plain', text });
});
