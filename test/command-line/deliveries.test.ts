import { describe, expect, it } from 'vitest';
import { showDeliveries } from '../../lib/command-line/deliveries.ts';
import { createRecordingContext } from './support/recording-context.ts';

const DELIVERY = {
  webhookId: 'whs_1',
  event: 'publication.succeeded',
  webhookAt: '2026-03-05T10:01:58.120Z',
  destination: 'mail',
  state: 'delivered',
  attempts: 1,
  reason: null,
  status: null,
  deliveredAt: '2026-03-05T10:02:11.000Z',
  lastAt: '2026-03-05T10:02:11.000Z',
  nextAt: null,
};

/** The function, with these deliveries and an empty quarantine. */
const find =
  (report: object) =>
  async (request: object): Promise<unknown> =>
    'from' in request
      ? { ...EMPTY_QUARANTINE, ...('handles' in request && { unhidden: 0 }) }
      : report;
const EMPTY_QUARANTINE = {
  command: 'search-queue',
  from: 'quarantine',
  matched: 0,
  matches: [],
  scanned: 0,
  later: 0,
  failed: 0,
  failures: [],
  held: [],
  stopReason: 'empty',
  continuation: null,
};

describe('deliveries', () => {
  it('asks for what is personal at a prompt, and sends it as it was typed, without blanks', async () => {
    const { context, noted, requests } = createRecordingContext({
      call: find({ deliveries: [] }),
      answers: [' someone@harbour-coffee.example '],
    });
    await showDeliveries(context, { customer: true });
    expect(noted[0]).toMatch(/E-mail or source id of the customer \(it is not shown\)/);
    expect(requests).toMatchObject([
      { command: 'deliveries', by: { key: 'customer', value: 'someone@harbour-coffee.example' } },
      { command: 'search-queue', from: 'quarantine', texts: ['someone@harbour-coffee.example'] },
    ]);
  });

  it('shows a destination by its name, and an unknown one by its id', async () => {
    const { context, printed } = createRecordingContext({
      call: find({ deliveries: [DELIVERY, { ...DELIVERY, destination: 'removed' }] }),
    });
    await showDeliveries(context, { record: 'whs_1' });
    expect(printed.join('\n')).toMatch(/klaviyo +delivered[^]*removed +delivered/);
  });

  it('shows what waits in quarantine, which has no delivery yet', async () => {
    const { context, printed } = createRecordingContext({
      call: async (request) =>
        'from' in request
          ? {
              ...EMPTY_QUARANTINE,
              matched: 1,
              matches: [
                {
                  id: 'whs_2',
                  event: 'campaign.message',
                  at: '2026-03-05T10:00:00.000Z',
                  destination: null,
                  reason: null,
                  issues: [{ path: 'data.voucher.code', message: 'is blank' }],
                },
              ],
            }
          : { deliveries: [] },
      input: 'someone@harbour-coffee.example',
    });
    await showDeliveries(context, { customer: true });
    expect(printed.join('\n')).toMatch(
      /IN QUARANTINE[^]*whs_2 +campaign\.message +2026-03-05 10:00:00Z +data\.voucher\.code: is blank/,
    );
  });

  it('says how to see older ones', async () => {
    const { context, noted } = createRecordingContext({
      call: find({ deliveries: [DELIVERY], before: 'cursor-1', hasMore: true }),
    });
    await showDeliveries(context, { record: 'whs_1' });
    expect(noted).toEqual(['There are older ones: add --before cursor-1']);
  });

  it('reads a report of another release: it needs the state and the webhook only', async () => {
    const { context, printed } = createRecordingContext({
      call: find({ deliveries: [{ webhookId: 'whs_1', state: 'new_state', more: 1 }] }),
    });
    await showDeliveries(context, { record: 'whs_1' });
    expect(printed.join('\n')).toMatch(/whs_1 .*new_state/);
  });

  it.each([
    [{}, '', /Give one of --record ID, --customer, --code and --destination NAME/],
    [{ customer: true, code: true }, 'a\n', /Give one of/],
    [{ customer: true }, '\n', /Nothing was given/],
    [{ code: true }, 'A-1\nA-2\n', /2 lines were given/],
    [{ destination: 'klavio' }, '', /did you mean klaviyo\?/],
    [{ destination: 'postal-letters' }, '', /choose one of klaviyo, crm/],
    [{ destination: 'crm', state: 'delivered' }, '', /choose waiting or dead/],
    [{ record: 'whs_1', state: 'dead' }, '', /--state belongs to --destination/],
  ])('says what is wrong with %j and calls nothing', async (options, input, expected) => {
    const { context, requests } = createRecordingContext({ input });
    await expect(showDeliveries(context, options)).rejects.toThrow(expected);
    expect(requests).toEqual([]);
  });
});
