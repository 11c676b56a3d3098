import { describe, expect, test } from 'vitest';
import { parseLogLine } from '../../../lib/telemetry/log-lines.ts';
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
      { ...webhook, status: 'unavailable', httpStatus: 503, reason: 'queue_unavailable' },
      'error: 503 unavailable (queue_unavailable) 12 ms',
    ],
    [
      {
        ...webhook,
        status: 'error',
        httpStatus: 500,
        reason: 'internal_error',
        cause: 'TypeError',
      },
      'error: 500 error (internal_error, TypeError) 12 ms',
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
    status: 'delivered',
    ms: 8,
    attempt: 1,
  };
  test.each([
    [{ ...delivery, httpStatus: 200 }, 'success: delivery whs_a -> http delivered 200 8 ms'],
    [{ ...delivery, attempt: 3 }, 'success: delivery whs_a -> http delivered attempt 3 8 ms'],
    [
      { ...delivery, status: 'duplicate' },
      'info: delivery whs_a -> http duplicate, not delivered again',
    ],
    [
      {
        ...delivery,
        status: 'waiting',
        failure: 'http_status',
        httpStatus: 503,
        attempt: 2,
        nextInSeconds: 30,
      },
      'warn: delivery whs_a -> http waiting 503 (http_status) attempt 2 next attempt in 30 s',
    ],
    [
      { ...delivery, status: 'waiting', failure: 'insufficient_time' },
      'warn: delivery whs_a -> http waiting (insufficient_time)',
    ],
    [
      { ...delivery, status: 'in_progress', failure: 'in_progress' },
      'warn: delivery whs_a -> http in progress in another invocation',
    ],
    [
      {
        ...delivery,
        status: 'dead',
        reason: 'rejected',
        failure: 'http_status',
        httpStatus: 400,
      },
      'error: delivery whs_a -> http dead 400 (rejected, http_status)',
    ],
    [
      {
        ...delivery,
        status: 'dead',
        reason: 'too_old',
        failure: 'no_response',
        cause: 'ECONNREFUSED',
        attempt: 4,
      },
      'error: delivery whs_a -> http dead (too_old, no_response, ECONNREFUSED) attempt 4',
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
      code: 'deliveries_unavailable',
      id: 'whs_a',
      destination: 'http',
      failure: 'deliveries_unavailable',
      cause: 'ThrottlingException',
    }),
  ).toBe(
    'error: error deliveries_unavailable whs_a -> http (deliveries_unavailable, ThrottlingException)',
  );
  expect(
    format({ ...common, message: 'error', code: 'unknown_sender_ip', sourceIp: '203.0.113.7' }),
  ).toBe('error: error unknown_sender_ip (203.0.113.7)');
  expect(
    format({
      ...common,
      message: 'error',
      code: 'invalid_message',
      id: 'm0',
      issues: ['id: expected "id"', 'type: expected string'],
    }),
  ).toBe('error: error invalid_message m0 id: expected "id"; type: expected string');
});

test.each([
  'no JSON',
  '{"message":"something else"}',
  '{"message":"webhook","status":"of another kind"}',
  '{"message":"delivery"}',
  '{"message":"error","code":"of another kind"}',
  '{"message":"error"}',
  '[1]',
])('any other line is shown unchanged: %s', (text) => {
  expect(formatLogLine(parseLogLine(text))).toEqual({ level: 'info', text });
});
