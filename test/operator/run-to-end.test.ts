import { describe, expect, it } from 'vitest';
import type { QueueReport } from '../../lib/operator/reports.ts';
import { addReports } from '../../lib/operator/reports.ts';
import { runToEnd } from '../../lib/operator/run-to-end.ts';
import { aRecord } from '../support/a-record.ts';
import { createTestOperator } from '../support/operator.ts';

/** More than two slices hold. */
const LETTERS = Array.from({ length: 12_000 }, (_, n) => aRecord({ id: `whs_${n}` }));
const FIFTY = LETTERS.filter((_, n) => n % 240 === 7).map(({ id }) => id);

describe('a run', () => {
  it('adds up its slices, shows its progress, and gives back what it has hidden', async () => {
    const { run, queue, records } = createTestOperator(LETTERS);
    const progress: [scanned: number, replayed: number][] = [];
    const finished = await run(
      { command: 'replay', ids: FIFTY },
      {
        onProgress: (total) => {
          if (total.command !== 'replay' || total.from !== 'dead-letters') return;
          progress.push([total.scanned, total.replayed]);
        },
      },
    );
    expect(finished).toMatchObject({ isStopped: false, stillHidden: 0 });
    expect(finished.report).toMatchObject({
      scanned: 12_000,
      replayed: 50,
      skipped: 11_950,
      held: [],
      stopReason: 'empty',
      deadLetters: [
        { status: 'skipped', reason: 'redriven', count: 11_950 },
        { status: 'replayed', reason: 'redriven', count: 50 },
      ],
    });
    expect(progress.length).toBeGreaterThanOrEqual(3);
    expect(progress).toEqual(progress.toSorted(([one], [other]) => one - other));
    expect((records as { id: string }[]).map(({ id }) => id).sort()).toEqual(FIFTY.toSorted());
    expect(queue.bodies()).toHaveLength(11_950);
    expect(queue.hiddenBodies()).toEqual([]);
  });

  it('can be stopped between two slices, and gives back what it has hidden', async () => {
    const { run, queue } = createTestOperator(LETTERS);
    const controller = new AbortController();
    const finished = await run(
      { command: 'replay', dryRun: true },
      { signal: controller.signal, onProgress: () => controller.abort() },
    );
    expect(finished).toMatchObject({ isStopped: true, stillHidden: 0 });
    expect(finished.report.scanned).toBeLessThanOrEqual(5_000);
    expect(queue.hiddenBodies()).toEqual([]);
  });

  it('gives back what it has hidden when a call fails, and fails', async () => {
    const { queue, invoke } = createTestOperator(LETTERS);
    let calls = 0;
    const failing = async (request: object): Promise<unknown> => {
      calls += 1;
      if (calls === 2) throw new TypeError('no connection');
      return invoke(request);
    };
    const running = runToEnd(
      { invoke: failing },
      { command: 'replay', from: 'dead-letters', dryRun: true },
    );
    await expect(running).rejects.toThrow('no connection');
    expect(queue.hiddenBodies()).toEqual([]);
  });

  it('says how many messages it could not give back', async () => {
    const { invoke } = createTestOperator(LETTERS.slice(0, 30));
    const { stillHidden } = await runToEnd(
      {
        invoke: async (request) =>
          'handles' in request ? Promise.reject(new Error('refused')) : invoke(request),
      },
      { command: 'search-queue', from: 'dead-letters', ids: ['whs_1'] },
    );
    expect(stillHidden).toBe(30);
  });

  it('calls the function once for each slice, with what the one before returned', async () => {
    const { invoke } = createTestOperator(LETTERS);
    const requests: object[] = [];
    const responses: unknown[] = [];
    await runToEnd(
      {
        async invoke(request) {
          requests.push(request);
          const response = await invoke(request);
          responses.push(response);
          return response;
        },
      },
      { command: 'search-queue', from: 'dead-letters', texts: ['none'] },
    );
    const slices = responses.filter((each) => (each as QueueReport).command === 'search-queue');
    expect(requests.slice(0, slices.length)).toEqual(
      [null, ...slices.slice(0, -1).map((each) => (each as QueueReport).continuation)].map(
        (continuation) => ({
          command: 'search-queue',
          from: 'dead-letters',
          texts: ['none'],
          continuation,
        }),
      ),
    );
    // 12,000 handles, 5,000 a request
    expect(requests.slice(slices.length).map((each) => 'handles' in each)).toEqual([
      true,
      true,
      true,
    ]);
  });
});

describe('reports', () => {
  it('of different commands cannot be added up', async () => {
    const { run } = createTestOperator(LETTERS.slice(0, 1));
    const search = await run({ command: 'search-queue', ids: ['whs_1'] });
    const replay = await run({ command: 'replay' });
    expect(() => addReports(search.report, replay.report)).toThrow('cannot be added');
  });

  it('of quarantine add up their issues by event and path', async () => {
    const { run } = createTestOperator(['{}', '{}'], 'quarantine');
    const { report } = await run({ command: 'replay' });
    expect(addReports(report, report)).toMatchObject({
      scanned: 4,
      unparsable: 4,
      issues: [{ event: null, path: '', count: 4 }],
      others: 0,
    });
  });
});
