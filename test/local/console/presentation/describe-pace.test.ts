import { expect, it } from 'vitest';
import { NO_BATCH } from '../../../../lib/destinations/queue-settings.ts';
import { describePace } from '../../../../lib/local/console/presentation/describe-pace.ts';

const NONE = { perSecond: null, perMinute: null, concurrency: null };

it.each([
  ['no limit', NONE, NO_BATCH],
  ['75/s, 700/min, batches of 56', { ...NONE, perSecond: 75, perMinute: 700 }, NO_BATCH],
  ['4 at once', { ...NONE, concurrency: 4 }, NO_BATCH],
  ['no limit, 1,000 records a request', NONE, { size: 1_000, windowSeconds: 10 }],
])('%s', (text, limit, batch) => {
  expect(describePace(limit, batch)).toBe(text);
});
