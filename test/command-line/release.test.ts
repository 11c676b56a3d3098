import { describe, expect, it } from 'vitest';
import { releaseDeliveries } from '../../lib/command-line/release.ts';
import type { CallOperator } from '../../lib/command-line/operator-client.ts';
import { createRecordingContext } from './support/recording-context.ts';

interface ReleaseRequest {
  readonly records: readonly string[];
  readonly dryRun: boolean;
}

/** The function, for which all but the named webhooks can be released. */
const operator =
  (refused: { readonly [record: string]: string } = {}): CallOperator =>
  async (request) => {
    const { records, dryRun } = request as ReleaseRequest;
    return {
      results: records.map((record) => ({
        record,
        status: refused[record] ?? (dryRun ? 'would_release' : 'released'),
        event: 'publication.succeeded',
        deliveredAt: '2026-03-05T10:02:11.000Z',
      })),
    };
  };
const ids = (count: number): string =>
  Array.from({ length: count }, (_, n) => `whs_${n}`).join(',');

describe('release', () => {
  it('looks first, then releases what can be released, and says how to send it', async () => {
    const { context, printed, noted, requests } = createRecordingContext({
      call: operator({ whs_1: 'expired' }),
    });
    await releaseDeliveries(context, { record: 'whs_0,whs_1', destination: 'klaviyo' });
    expect(requests).toEqual([
      { command: 'release', records: ['whs_0', 'whs_1'], destination: 'mail', dryRun: true },
      { command: 'release', records: ['whs_0'], destination: 'mail', dryRun: false },
    ]);
    expect(printed.join('\n')).toMatch(/whs_0 .*released[^]*whs_1 .*expired +its code has expired/);
    expect(noted.join('\n')).toMatch(
      /Audit log > Webhook sendouts > Retry\. klaviyo gets it once more/,
    );
  });

  it('releases nothing in a dry run, and nothing when nothing can be released', async () => {
    const dry = createRecordingContext({ call: operator() });
    await releaseDeliveries(dry.context, {
      record: 'whs_0',
      destination: 'klaviyo',
      'dry-run': true,
    });
    const none = createRecordingContext({ call: operator({ whs_0: 'dead' }) });
    await expect(
      releaseDeliveries(none.context, { record: 'whs_0', destination: 'klaviyo' }),
    ).rejects.toThrow('Nothing can be released.');
    expect(none.printed.join('\n')).toContain('npx sls relay replay --from dead-letters');
    expect([dry.requests, none.requests].map(({ length }) => length)).toEqual([1, 1]);
  });

  it.each([
    ['10 without a number', ids(10), {}, 'released'],
    ['11 when the number is typed', ids(11), { answers: ['11'] }, 'released'],
    ['11 when the option has it', ids(11), { confirm: '11' }, 'released'],
    [
      'not 11 when another is typed',
      ids(11),
      { answers: ['yes'] },
      /the number is 11, not '\.\.\.'/,
    ],
    [
      'not 11 when the option has another',
      ids(11),
      { confirm: '10' },
      /the number is 11, not '10'/,
    ],
    ['not 11 when nobody can type', ids(11), {}, /To do it, add --confirm 11/],
    ['250 in parts of 100', ids(250), { confirm: '250' }, 'released'],
  ])(
    'releases %s',
    async (
      _name,
      record,
      { answers, confirm }: { answers?: string[]; confirm?: string },
      expected,
    ) => {
      const { context, requests } = createRecordingContext({
        call: operator(),
        ...(answers !== undefined && { answers }),
      });
      const released = releaseDeliveries(context, {
        record,
        destination: 'klaviyo',
        ...(confirm !== undefined && { confirm }),
      });
      const ending = await released.then(
        () => 'released',
        (error: Error) => error.message,
      );
      expect(ending).toMatch(expected);
      const written = (requests as ReleaseRequest[]).filter(({ dryRun }) => !dryRun);
      expect(written.flatMap(({ records }) => records)).toHaveLength(
        expected === 'released' ? record.split(',').length : 0,
      );
      expect(Math.max(0, ...written.map(({ records }) => records.length))).toBeLessThanOrEqual(100);
    },
  );

  it('reads ids from standard input', async () => {
    const { context, requests } = createRecordingContext({
      call: operator(),
      input: 'whs_1\nwhs_2\n\nwhs_1\n',
    });
    await releaseDeliveries(context, { record: '-', destination: 'crm' });
    expect(requests[0]).toMatchObject({ records: ['whs_1', 'whs_2'] });
  });

  it('wants an id', async () => {
    const { context } = createRecordingContext({ call: operator() });
    await expect(releaseDeliveries(context, { record: '-', destination: 'crm' })).rejects.toThrow(
      /--record whs_1,whs_2, or --record - < file/,
    );
  });
});
