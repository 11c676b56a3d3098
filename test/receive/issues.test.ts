import { describe, expect, it } from 'vitest';
import { parseWebhook, timesOnArrival } from '../../lib/receive/parse-webhook.ts';
import { codeData, voucher } from '../support/payloads.ts';

const TIMES = timesOnArrival('2026-05-04T10:00:00.000Z', null);
const OPTIONS = { currency: null, maxWebhookAgeDays: null, mappings: new Map() };

/** The issues of a code with that many units, each without what it needs. */
function findIssues(count: number) {
  const units = Array.from({ length: count }, () => ({ unit_off: 1 }));
  const body = codeData({ voucher: voucher({ discount: { type: 'UNIT', units } }) });
  const result = parseWebhook(Buffer.from(JSON.stringify(body)), null, TIMES, OPTIONS);
  return result.ok ? [] : result.issues;
}

describe('the issues of a webhook', () => {
  it.each([1, 49, 50])('are all named when they are %i', (count) => {
    const issues = findIssues(count);
    expect(issues).toHaveLength(count);
    expect(
      issues.every(({ path }) => /^voucher\.discount\.units\.\d+\.unit_type$/.test(path)),
    ).toBe(true);
  });

  it.each([
    [51, 1],
    [120, 70],
  ])('are the first 50 of %i, and the number of others', (count, others) => {
    const issues = findIssues(count);
    expect(issues).toHaveLength(51);
    expect(issues[49]?.path).toBe('voucher.discount.units.49.unit_type');
    expect(issues[50]).toEqual({ path: '', message: `${others} more issues left out` });
  });
});
