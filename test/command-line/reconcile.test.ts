import { describe, expect, it } from 'vitest';
import { reconcile } from '../../lib/command-line/reconcile.ts';
import { createRecordingContext } from './support/recording-context.ts';

const RESULT = {
  since: '2026-03-10T00:00:00.000Z',
  until: '2026-03-20T12:00:00.000Z',
  campaign: null,
  total: 10_000,
  counts: {
    arrived: 9_990,
    missing: 1,
    pending: 0,
    failed: 0,
    elsewhere: 9,
    quarantined: 0,
    unclear: 0,
  },
  missing: [
    {
      publication: 'pub_3',
      at: '2026-03-18T17:00:00.000Z',
      campaign: 'Harbour days',
      distribution: 'distr_w4',
      vouchers: ['v_3'],
    },
  ],
  hasMoreMissing: false,
  elsewhere: [{ campaign: 'Fog', channel: 'API', distribution: null, count: 9 }],
  webhooks: {
    state: 'checked',
    webhooks: [{ id: 'wh_1', isActive: false, hasPublications: true }],
  },
};
const aReport = (changes: object) => ({
  command: 'reconcile',
  compared: 0,
  waitSeconds: 0,
  held: [],
  continuation: null,
  result: null,
  failure: null,
  ...changes,
});
const COMPLETE = {
  ...RESULT,
  counts: { ...RESULT.counts, arrived: 9_991, missing: 0 },
  missing: [],
  elsewhere: [],
  webhooks: { state: 'not_checked', reason: 'no_management_keys' },
};

/** A function that responds with these reports, one after the other. */
const respondWith = (...reports: object[]) => {
  const left = [...reports];
  return async (request: object) =>
    'handles' in request ? { command: 'unhide', unhidden: 1 } : left.shift();
};
const OPTIONS = { since: '2026-03-10' };

describe('reconcile', () => {
  it('shows counts, what is missing, what nothing came of, and what to do', async () => {
    const { context, printed, requests } = createRecordingContext({
      call: respondWith(aReport({ result: RESULT })),
    });
    await expect(reconcile(context, OPTIONS)).rejects.toThrow(/^1 publications are missing.*Retry/);
    const screen = printed.join('\n');
    expect(screen).toMatch(
      /^10,000 publications from 2026-03-10 00:00:00Z to 2026-03-20 12:00:00Z/,
    );
    expect(screen).toMatch(/^arrived +9,990 +its webhook came$/m);
    expect(screen).toMatch(/^pub_3 +2026-03-18 17:00:00Z +Harbour days +distr_w4 +v_3$/m);
    expect(screen).toMatch(/^Fog +API +9$/m);
    expect(screen).toMatch(/wh_1 of the project is not active/);
    expect(screen).not.toMatch(/^pending/m);
    expect(requests).toEqual([
      { command: 'reconcile', since: '2026-03-10', all: false, show: false, continuation: null },
    ]);
  });

  it('does not end well when nothing came', async () => {
    const counts = { ...COMPLETE.counts, arrived: 0, elsewhere: 3 };
    const { context } = createRecordingContext({
      call: respondWith(aReport({ result: { ...COMPLETE, counts } })),
    });
    await expect(reconcile(context, OPTIONS)).rejects.toThrow(/^Nothing came in the whole period/);
  });

  it('ends well when nothing is missing', async () => {
    const { context, printed } = createRecordingContext({
      call: respondWith(aReport({ result: COMPLETE })),
    });
    await reconcile(context, { ...OPTIONS, campaign: 'Fog', until: '2026-03-20' });
    expect(printed.join('\n')).toMatch(/^missing +0 /m);
  });

  it('goes on until the run is over, and gives back what was hidden', async () => {
    const continuation = { phase: 'x' };
    const { context, requests } = createRecordingContext({
      call: respondWith(
        aReport({ continuation, held: ['h1'] }),
        aReport({ result: COMPLETE, held: ['h2'] }),
      ),
    });
    await reconcile(context, OPTIONS);
    expect(requests).toMatchObject([
      { continuation: null },
      { continuation },
      { command: 'unhide', from: 'quarantine', handles: ['h1', 'h2'] },
    ]);
  });

  it('stops on Ctrl-C, also while it waits', async () => {
    const stop = new AbortController();
    const { context, requests } = createRecordingContext({
      call: respondWith(aReport({ continuation: {}, held: ['h1'], waitSeconds: 3_600 })),
      stopSignal: stop.signal,
    });
    const running = reconcile(context, OPTIONS);
    setTimeout(() => stop.abort(), 20);
    await expect(running).rejects.toThrow(/^Stopped/);
    expect(requests.at(-1)).toMatchObject({ command: 'unhide', handles: ['h1'] });
  });

  it('prints one JSON value for a program', async () => {
    const { context, printed } = createRecordingContext({
      call: respondWith(aReport({ result: COMPLETE })),
      isJson: true,
    });
    await reconcile(context, OPTIONS);
    expect(printed).toEqual([JSON.stringify(COMPLETE, null, 2)]);
  });

  it('shows codes when they are asked for', async () => {
    const missing = RESULT.missing.map((each) => ({ ...each, codes: ['QUAY-3'] }));
    const { context, printed, requests } = createRecordingContext({
      call: respondWith(aReport({ result: { ...RESULT, missing } })),
    });
    await expect(reconcile(context, { ...OPTIONS, show: true })).rejects.toThrow(/missing/);
    expect(printed.join('\n')).toMatch(/v_3 +QUAY-3$/m);
    expect(requests).toMatchObject([{ show: true }]);
  });

  it('says why the run failed, and concludes nothing', async () => {
    const failure = { reason: 'too_old', call: null, status: null, detail: '2025-12-20' };
    const { context, printed } = createRecordingContext({
      call: respondWith(aReport({ failure })),
    });
    await expect(reconcile(context, OPTIONS)).rejects.toThrow(
      /^Nothing is concluded\. too_old: the period begins before .*\(2025-12-20\)\.$/,
    );
    expect(printed).toEqual([]);
  });

  it('needs a beginning', async () => {
    const { context, requests } = createRecordingContext();
    await expect(reconcile(context, {})).rejects.toThrow(/--since/);
    expect(requests).toEqual([]);
  });
});
