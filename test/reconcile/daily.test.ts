import { describe, expect, it } from 'vitest';
import { createDailyReconcile } from '../../lib/reconcile/daily.ts';
import type { ReconcileReport } from '../../lib/reconcile/reconcile.ts';
import { recordingTelemetry } from '../support/recording-telemetry.ts';

const NOW = new Date('2026-03-20T04:00:00.000Z');
const NONE: ReconcileReport = {
  command: 'reconcile',
  compared: 0,
  waitSeconds: 0,
  held: [],
  continuation: null,
  result: null,
  failure: null,
};
const CONTINUATION = { calls: 7 } as unknown as ReconcileReport['continuation'];
const aResult = (missing: number, elsewhere = 0): ReconcileReport =>
  ({
    ...NONE,
    held: ['handle-2'],
    result: { total: 40, counts: { arrived: 40 - missing - elsewhere, missing, elsewhere } },
  }) as unknown as ReconcileReport;

/** Runs the daily run over these slices. */
async function runDaily(slices: readonly (ReconcileReport | Error)[], remainingMs = 900_000) {
  const telemetry = recordingTelemetry();
  const left = [...slices];
  const requests: object[] = [];
  const unhidden: string[] = [];
  const waits: number[] = [];
  const run = createDailyReconcile({
    async reconcile(request) {
      requests.push(request);
      const slice = left.shift();
      if (slice instanceof Error || slice === undefined) throw slice ?? new Error('no slice');
      return slice;
    },
    unhide: async (handles) => void unhidden.push(...handles),
    telemetry,
    now: () => NOW,
    wait: async (ms) => void waits.push(ms),
  });
  const ending = await run(() => remainingMs).catch((error: unknown) => error);
  return { ending, requests, unhidden, waits, errors: telemetry.errors };
}

describe('the daily reconcile', () => {
  it('compares a week, slice by slice, as slowly as Voucherify wants it', async () => {
    const { ending, requests, unhidden, waits, errors } = await runDaily([
      { ...NONE, held: ['handle-1'], waitSeconds: 30, continuation: CONTINUATION },
      aResult(0),
    ]);
    expect(requests).toEqual([
      { command: 'reconcile', since: '2026-03-12T04:00:00.000Z', continuation: null },
      { command: 'reconcile', since: '2026-03-12T04:00:00.000Z', continuation: CONTINUATION },
    ]);
    expect(ending).toMatchObject({ counts: { missing: 0, arrived: 40 } });
    expect(waits).toEqual([30_000]);
    expect(unhidden).toEqual(['handle-1', 'handle-2']);
    expect(errors).toEqual([]);
  });

  it('reports what is missing, which has an alarm', async () => {
    const { errors } = await runDaily([aResult(3)]);
    expect(errors).toEqual([{ code: 'publications_missing', issues: ['3 of 40 publications'] }]);
  });

  it('reports that nothing came, because nothing is called missing then', async () => {
    expect((await runDaily([aResult(0, 39)])).errors).toEqual([]);
    expect((await runDaily([aResult(0, 40)])).errors).toEqual([
      {
        code: 'publications_missing',
        issues: ['40 of 40 publications', 'nothing came in the whole period'],
      },
    ]);
  });

  it.each([
    [
      'Voucherify cannot be read',
      [{ ...NONE, failure: { reason: 'unauthorized', call: null, status: 401, detail: null } }],
      900_000,
      'unauthorized',
    ],
    [
      'its time is over before it is done',
      [{ ...NONE, held: ['handle-1'], continuation: CONTINUATION }],
      40_000,
      'time_over',
    ],
  ] satisfies [string, ReconcileReport[], number, string][])(
    'says that it failed when %s',
    async (_case, slices, remainingMs, cause) => {
      const { ending, errors, unhidden } = await runDaily(slices, remainingMs);
      expect(ending).toEqual({ command: 'reconcile-daily', counts: null });
      expect(errors).toEqual([{ code: 'reconcile_failed', cause }]);
      expect(unhidden).toEqual(slices.flatMap(({ held }) => held));
    },
  );

  it('gives back what it hid when a slice throws, and fails, so that the scheduler tries again', async () => {
    const { ending, unhidden } = await runDaily([
      { ...NONE, held: ['handle-1'], continuation: CONTINUATION },
      new Error('table'),
    ]);
    expect(ending).toBeInstanceOf(Error);
    expect(unhidden).toEqual(['handle-1']);
  });
});
