import { describe, expect, test } from 'vitest';
import { parseLogLine } from '../../../lib/local/emulator/parse-log-line.ts';
import { formatLogLine } from '../../../lib/local/cli/format-log-line.ts';

const format = (line: unknown): string => {
  const { level, text } = formatLogLine(parseLogLine(JSON.stringify(line)));
  return `${level}: ${text}`;
};
const common = { level: 'INFO', timestamp: '2026-03-05T09:15:03.480Z', service: 'voucher-relay' };

describe('a webhook', () => {
  const webhook = { ...common, message: 'webhook', status: 'queued', httpStatus: 202, ms: 12 };
  test.each([
    [
      {
        ...webhook,
        id: 'whs_a',
        event: 'voucherify.manual_distribution_schedule',
        purpose: 'code',
        test: false,
      },
      'success: 202 queued whs_a manual_distribution_schedule code 12 ms',
    ],
    [{ ...webhook, id: 'whs_a', test: true }, 'success: 202 queued whs_a test 12 ms'],
    [
      {
        ...webhook,
        status: 'quarantined',
        id: 'sha_a',
        issues: [{ path: 'data.voucher', message: 'is missing' }],
      },
      'warn: 202 quarantined sha_a 12 ms\n    data.voucher: is missing',
    ],
    [
      { ...webhook, status: 'rejected', httpStatus: 401, reason: 'signature_mismatch' },
      'warn: 401 rejected (signature_mismatch) 12 ms',
    ],
    [
      { ...webhook, status: 'unavailable', httpStatus: 503, reason: 'queue' },
      'error: 503 unavailable (queue) 12 ms',
    ],
    [
      { ...webhook, status: 'error', httpStatus: 500, reason: 'TypeError' },
      'error: 500 error (TypeError) 12 ms',
    ],
  ])('%#', (line, text) => {
    expect(format(line)).toBe(text);
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
    [{ ...delivery, status: 200 }, 'success: delivery whs_a -> http delivered 200 8 ms'],
    [{ ...delivery, attempt: 3 }, 'success: delivery whs_a -> http delivered attempt 3 8 ms'],
    [
      { ...delivery, outcome: 'duplicate' },
      'info: delivery whs_a -> http duplicate, not delivered again',
    ],
    [
      { ...delivery, outcome: 'retry', status: 503, attempt: 2, nextInSeconds: 30 },
      'warn: delivery whs_a -> http failed 503 attempt 2 next attempt in 30 s',
    ],
    [
      { ...delivery, outcome: 'rejected', status: 400 },
      'error: delivery whs_a -> http rejected 400',
    ],
    [
      { ...delivery, outcome: 'dead', reason: 'too_old' },
      'error: delivery whs_a -> http dead (too_old)',
    ],
  ])('%#', (line, text) => {
    expect(format(line)).toBe(text);
  });
});

test('an error is shown with all its fields', () => {
  expect(
    format({
      ...common,
      message: 'error',
      code: 'ledger',
      id: 'whs_a',
      destination: 'http',
      reason: 'throttled',
    }),
  ).toBe('error: error ledger whs_a -> http (throttled)');
});

test.each([
  'no JSON at all',
  '{"message":"something else"}',
  '{"message":"webhook","status":"of another kind"}',
  '{"message":"delivery"}',
  '{"message":"error"}',
  '[1]',
])('any other line is shown unchanged: %s', (text) => {
  expect(formatLogLine(parseLogLine(text))).toEqual({ level: 'info', text });
});
