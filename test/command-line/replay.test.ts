import { describe, expect, it } from 'vitest';
import { replay, type ReplayOptions } from '../../lib/command-line/replay.ts';
import { createRecordingContext } from './support/recording-context.ts';

const aSlice = (more: object = {}) => ({
  command: 'replay',
  from: 'dead-letters',
  dryRun: false,
  limit: null,
  replayed: 2,
  wouldReplay: 0,
  skipped: 1,
  unparsable: 0,
  deadLetters: [
    {
      status: 'replayed',
      destination: 'mail',
      reason: 'attempts_exhausted',
      lastFailure: { reason: 'http_status', cause: null, status: 503 },
      count: 2,
    },
  ],
  others: 0,
  scanned: 3,
  later: 0,
  failed: 0,
  failures: [],
  held: ['handle-1'],
  stopReason: 'empty',
  continuation: null,
  ...more,
});
const CONTINUATION = { startedAt: '2026-03-05T10:00:00.000Z', moved: 2, failed: 0, held: 1 };
/** The requests of a run, without those that give back what is hidden. */
const scans = (requests: readonly object[]): object[] =>
  requests.filter((request) => !JSON.stringify(request).includes('unhide'));

/** The function, which responds with these slices. */
function createOperator(...slices: object[]) {
  return async (request: object): Promise<unknown> =>
    'handles' in request
      ? { command: 'unhide', from: 'dead-letters', unhidden: (request.handles as string[]).length }
      : slices.shift();
}

describe('replay', () => {
  it('runs slice by slice, gives back what it hid, and shows what it did', async () => {
    const { context, printed, requests } = createRecordingContext({
      call: createOperator(aSlice({ continuation: CONTINUATION, stopReason: 'slice' }), aSlice()),
    });
    await replay(context, { from: 'dead-letters', destination: 'klaviyo' });
    expect(requests).toMatchObject([
      { command: 'replay', from: 'dead-letters', destination: 'mail', continuation: null },
      { command: 'replay', continuation: CONTINUATION },
      { command: 'unhide', handles: ['handle-1', 'handle-1'] },
    ]);
    expect(printed.join('\n')).toMatch(
      /6 dead letters looked at: 4 replayed, 2 skipped, 0 unparsable\.[^]*4 +replayed +klaviyo +attempts_exhausted +http_status 503/,
    );
  });

  it.each([
    [
      { from: 'dead-letters', as: 'crm', reason: 'unrouted, attempts_exhausted', limit: '50' },
      { as: 'crm', reasons: ['unrouted', 'attempts_exhausted'], limit: 50 },
    ],
    [
      { from: 'dead-letters', since: '2026-03-05', until: '2026-03-06T01:00:00+02:00' },
      { since: '2026-03-05T00:00:00.000Z', until: '2026-03-05T23:00:00.000Z' },
    ],
    [
      { from: 'quarantine', mapping: 'none', 'posted-to': 'designer', 'accept-late': true },
      { mapping: null, postedTo: 'designer', acceptLate: true },
    ],
    [{ from: 'quarantine', reason: 'body,data.code' }, { reasons: ['', 'data.code'] }],
    [
      { from: 'quarantine', record: 'whs_1,whs_2', 'dry-run': true },
      { ids: ['whs_1', 'whs_2'], dryRun: true },
    ],
  ] satisfies [ReplayOptions, object][])('asks for what %j means', async (options, expected) => {
    const { context, requests } = createRecordingContext({
      call: createOperator(aSlice({ held: [] })),
    });
    await replay(context, options);
    expect(scans(requests)).toEqual([expect.objectContaining(expected)]);
  });

  it.each([
    [{}, /--from dead-letters or --from quarantine/],
    [{ from: 'records' }, /--from dead-letters or --from quarantine/],
    [{ from: 'quarantine', destination: 'crm' }, /--destination belongs to --from dead-letters/],
    [{ from: 'dead-letters', mapping: 'a' }, /--mapping belongs to --from quarantine/],
    [{ from: 'dead-letters', since: 'yesterday' }, /--since yesterday is no time/],
    [{ from: 'dead-letters', until: '2026-02-30' }, /--until 2026-02-30 is no time/],
    [
      { from: 'dead-letters', since: '2026-03-06', until: '2026-03-05' },
      /--since is not before --until/,
    ],
    [{ from: 'dead-letters', reason: 'unroutet' }, /did you mean unrouted\?/],
    [{ from: 'dead-letters', limit: '0' }, /--limit 0 is no number of messages/],
    [{ from: 'dead-letters', as: 'crm' }, /--as alone would send every dead letter/],
    [{ from: 'dead-letters', as: 'klavio', record: 'whs_1' }, /did you mean klaviyo\?/],
  ] satisfies [ReplayOptions, RegExp][])(
    'says what is wrong with %j',
    async (options, expected) => {
      const { context, requests } = createRecordingContext();
      await expect(replay(context, options)).rejects.toThrow(expected);
      expect(requests).toEqual([]);
    },
  );

  it('stops after the call under way, gives back what it hid, and says how to go on', async () => {
    const stop = new AbortController();
    const { context, noted, requests } = createRecordingContext({
      stopSignal: stop.signal,
      async call(request) {
        if ('handles' in request) return { unhidden: 1 };
        stop.abort();
        return aSlice({ continuation: CONTINUATION, stopReason: 'slice' });
      },
    });
    await expect(replay(context, { from: 'dead-letters' })).rejects.toThrow(
      'Not everything was replayed.',
    );
    expect(requests).toHaveLength(2);
    expect(noted.join('\n')).toContain('Stopped. Nothing is lost: run the same command again');
  });

  it('fails when messages could not be moved, and names the causes', async () => {
    const { context, noted } = createRecordingContext({
      call: createOperator(
        aSlice({
          failed: 10,
          failures: [{ cause: 'AccessDenied', count: 10 }],
          stopReason: 'error',
          later: 4,
        }),
      ),
    });
    await expect(replay(context, { from: 'dead-letters' })).rejects.toThrow(
      'Not everything was replayed.',
    );
    expect(noted.join('\n')).toMatch(
      /10 messages could not be moved or deleted: AccessDenied \(10\)[^]*4 messages came after the run began/,
    );
  });
});
