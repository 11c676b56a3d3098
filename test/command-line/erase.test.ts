import { describe, expect, it } from 'vitest';
import { erasePerson } from '../../lib/command-line/erase.ts';
import { createRecordingContext } from './support/recording-context.ts';

const EMAIL = 'someone@harbour-coffee.example';

interface Request {
  readonly command: string;
  readonly from?: string;
  readonly dryRun?: boolean;
  readonly keepIndex?: boolean;
}

/** The function, with one person: two deliveries, one dead letter, one quarantined webhook. */
const createOperator =
  (states: object = { waiting: 1, delivered: 1 }, failed = 0) =>
  async (request: object): Promise<unknown> => {
    const { command, from, dryRun } = request as Request;
    if (command === 'unhide') return { unhidden: 0 };
    if (command === 'erase') {
      const indexRows = Object.keys(states).length === 0 ? 0 : 3;
      return { rowIds: ['whs_1'], indexRows, deliveries: states, continuation: null };
    }
    const matched = Object.keys(states).length === 0 ? 0 : 1;
    return {
      command: 'erase-queue',
      from,
      dryRun,
      matched,
      matches: [],
      erased: dryRun === true ? 0 : matched,
      scanned: 40,
      later: 0,
      failed,
      failures: [],
      held: [],
      stopReason: 'empty',
      continuation: null,
    };
  };
const toSteps = (requests: readonly object[]): string[] =>
  (requests as Request[]).map(({ command, from = '', dryRun, keepIndex }) =>
    `${dryRun === true ? 'look: ' : ''}${command} ${from}${keepIndex === true ? 'but not the index' : ''}`.trim(),
  );

const LOOK = [
  'look: erase but not the index',
  'look: erase-queue dead-letters',
  'look: erase-queue quarantine',
];

describe('erase', () => {
  it('looks, wants the number, then erases rows, messages and the index, in this order', async () => {
    const { context, printed, noted, requests } = createRecordingContext({
      call: createOperator(),
      input: `${EMAIL}\n`,
    });
    await erasePerson(context, { customer: true, confirm: '4' });
    expect(toSteps(requests)).toEqual([
      ...LOOK,
      'erase but not the index',
      'erase-queue dead-letters',
      'erase-queue quarantine',
      'erase',
    ]);
    expect(requests[1]).toMatchObject({ ids: ['whs_1'], texts: [EMAIL] });
    const shown = [...printed, ...noted].join('\n');
    expect(shown).toMatch(/deliveries: waiting +1/);
    expect(shown).toMatch(/\[quarantine\] +messages, of 40 looked at +1/);
    expect(shown).toMatch(/What this cannot reach:[^]*audit log[^]*backups/);
    expect(shown).not.toContain(EMAIL);
  });

  it('changes nothing in a dry run, without the number, or when there is nothing', async () => {
    const dry = createRecordingContext({ call: createOperator(), input: EMAIL });
    await erasePerson(dry.context, { customer: true, 'dry-run': true });
    const unconfirmed = createRecordingContext({ call: createOperator(), answers: [EMAIL, '3'] });
    await expect(erasePerson(unconfirmed.context, { customer: true })).rejects.toThrow(
      'the number is 4',
    );
    const none = createRecordingContext({ call: createOperator({}), input: EMAIL });
    await erasePerson(none.context, { customer: true });
    for (const { requests } of [dry, unconfirmed, none]) expect(toSteps(requests)).toEqual(LOOK);
  });

  it('keeps the index when a message could not be deleted, so that it can be repeated', async () => {
    const { context, requests } = createRecordingContext({
      call: createOperator({ dead: 1 }, 1),
      input: EMAIL,
    });
    await expect(erasePerson(context, { customer: true, confirm: '3' })).rejects.toThrow(
      'Run the same command again',
    );
    expect(toSteps(requests)).not.toContain('erase');
  });

  it('finishes an erasure that was interrupted: its rows are erased, its hashes are not', async () => {
    const erased = createOperator({ erased: 2 });
    const { context, requests } = createRecordingContext({
      input: EMAIL,
      async call(request) {
        const report = (await erased(request)) as object;
        return 'matched' in report ? { ...report, matched: 0 } : report;
      },
    });
    await erasePerson(context, { customer: true });
    expect(toSteps(requests).at(-1)).toBe('erase');
  });

  it('searches for many webhooks in parts that fit a request, and once for the person', async () => {
    const rowIds = Array.from({ length: 10_001 }, (_, n) => `whs_${n}`);
    const call = createOperator();
    const { context, requests } = createRecordingContext({
      input: EMAIL,
      async call(request) {
        const report = (await call(request)) as object;
        return 'rowIds' in report ? { ...report, rowIds } : report;
      },
    });
    await erasePerson(context, { customer: true, 'dry-run': true });
    const scans = requests.filter((each) => 'from' in each && each.from === 'quarantine');
    expect(scans).toMatchObject([{ texts: [EMAIL] }, { ids: ['whs_10000'] }]);
    expect(scans[1]).not.toHaveProperty('texts');
  });

  it('wants no more values than a request takes', async () => {
    const input = Array.from({ length: 51 }, (_, n) => `shop-${n}`).join('\n');
    const { context } = createRecordingContext({ input });
    await expect(erasePerson(context, { customer: true })).rejects.toThrow('Give 50 at most');
  });

  it.each([
    [{}, EMAIL, /Give --customer or --code/],
    [{ customer: true, code: true }, EMAIL, /Give --customer or --code/],
    [{ code: true }, '\n', /nothing is erased/],
  ])('says what is wrong with %j', async (options, input, expected) => {
    const { context, requests } = createRecordingContext({ input });
    await expect(erasePerson(context, options)).rejects.toThrow(expected);
    expect(requests).toEqual([]);
  });
});
