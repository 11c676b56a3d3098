import { describe, expect, it } from 'vitest';
import type { IndexEntry, IndexedPublication } from '../../lib/deliveries/index-rows.ts';
import { createMatcher, PENDING_MS } from '../../lib/reconcile/compare.ts';
import type { Publication } from '../../lib/reconcile/publication.ts';

const AT = '2026-03-18T10:00:00.250Z';
const after = (ms: number) => new Date(Date.parse(AT) + ms).toISOString();

const aPublication = (changes: Partial<Publication> = {}): Publication => ({
  id: 'pub_a',
  at: AT,
  isWholeSecond: false,
  campaign: 'Harbour days',
  channel: 'Automation',
  distribution: 'distr_w4',
  voucherIds: [],
  codes: ['QUAY-A'],
  result: 'SUCCESS',
  ...changes,
});
const exported = (changes: Partial<Publication> = {}) => aPublication({ id: null, ...changes });

const anEntry = (
  publication: Partial<IndexedPublication> | null,
  changes: Partial<IndexEntry> = {},
): IndexEntry => ({
  rowId: 'whs_1',
  event: 'voucherify.manual_distribution_schedule',
  webhookAt: after(2_000),
  destinations: ['crm'],
  sortKey: '',
  siblings: [],
  publication: publication && { id: 'pub_a', at: AT, sender: 'distr_w4', ...publication },
  ...changes,
});

const match = (wanted: readonly Publication[], ...entries: readonly IndexEntry[]) => {
  const matcher = createMatcher(wanted);
  matcher.add(entries);
  return matcher.finish().map(({ by }) => by);
};

describe('a listed publication came', () => {
  it('with a webhook that names it, whenever that came', () => {
    const late = anEntry({}, { webhookAt: after(20 * PENDING_MS) });
    expect(match([aPublication()], late)).toEqual(['publication']);
  });

  it('not with one that names another', () => {
    expect(match([aPublication()], anEntry({ id: 'pub_b' }))).toEqual(['none']);
  });

  it.each([
    ['two seconds later', 2_000, 'time'],
    ['with clocks that differ', -200_000, 'time'],
    ['26 hours later', PENDING_MS, 'time'],
    ['too late', PENDING_MS + 1, 'none'],
    ['too early', -400_000, 'none'],
  ])('with one that names none: %s', (_name, ms, by) => {
    const unnamed = { id: null, at: null };
    expect(match([aPublication()], anEntry(unnamed, { webhookAt: after(ms) }))).toEqual([by]);
    expect(match([aPublication()], anEntry(null, { webhookAt: after(ms) }))).toEqual([by]);
  });

  it.each([
    ['voucherify.redemption.succeeded', 'none'],
    ['voucherify.voucher.updated', 'none'],
    ['voucherify.workflow.JOINED', 'none'],
    ['voucherify.customer.segment.entered', 'time'],
    ['voucherify.publication.succeeded', 'time'],
    ['voucherify.Coupon issued', 'time'],
  ])('with one that names none, where its event can hand out a code: %s', (event, by) => {
    expect(match([aPublication()], anEntry(null, { event }))).toEqual([by]);
  });
});

describe('an exported publication came', () => {
  it('with a webhook of its exact time', () => {
    expect(match([exported()], anEntry({ id: 'pub_x' }))).toEqual(['publication']);
    expect(match([exported()], anEntry({ id: 'pub_x', at: after(1) }))).toEqual(['none']);
  });

  it('with a webhook of its second, where the file has whole seconds', () => {
    const wanted = exported({ at: '2026-03-18T10:00:00.000Z', isWholeSecond: true });
    expect(match([wanted], anEntry({}))).toEqual(['publication']);
    expect(match([wanted], anEntry({ at: after(1_000) }))).toEqual(['none']);
  });

  it('by about its time, where the webhook does not say when it was published', () => {
    expect(match([exported()], anEntry({ at: null }))).toEqual(['time']);
  });
});

describe('several publications of a code', () => {
  it('need a webhook each', () => {
    const wanted = [exported(), exported()];
    expect(match(wanted, anEntry({}))).toEqual(['publication', 'none']);
    expect(match(wanted, anEntry({}), anEntry({}, { rowId: 'whs_2' }))).toEqual([
      'publication',
      'none',
    ]);
    expect(match(wanted, anEntry({}), anEntry({ id: 'pub_b' }))).toEqual([
      'publication',
      'publication',
    ]);
  });

  it('need a webhook each, where it names none', () => {
    const wanted = [aPublication(), aPublication({ id: 'pub_b' })];
    expect(match(wanted, anEntry(null))).toEqual(['time', 'none']);
    expect(match(wanted, anEntry(null), anEntry(null, { rowId: 'whs_2' }))).toEqual([
      'time',
      'time',
    ]);
  });

  it('are found when the last one is, and no sooner', () => {
    const matcher = createMatcher([aPublication(), aPublication({ id: 'pub_b' })]);
    expect(matcher.add([anEntry({})])).toBe(false);
    expect(matcher.add([anEntry({ id: 'pub_b' })])).toBe(true);
  });
});

it('what did not come says whether its code did', () => {
  const finish = (...entries: IndexEntry[]) => {
    const matcher = createMatcher([exported()]);
    matcher.add(entries);
    return matcher.finish();
  };
  expect(finish()).toEqual([{ by: 'none', hasCode: false }]);
  expect(finish(anEntry({ at: after(9) }))).toEqual([{ by: 'none', hasCode: true }]);
});

it.each([
  ['voucherify.publication.succeeded', true],
  ['voucherify.voucher.published', true],
  ['voucherify.customer.rewarded.loyalty_points', false],
])('%s reports each publication of the project: %s', (event, isReportedToProject) => {
  const matcher = createMatcher([aPublication()]);
  matcher.add([anEntry({}, { event })]);
  expect(matcher.finish()).toMatchObject([{ isReportedToProject }]);
});
