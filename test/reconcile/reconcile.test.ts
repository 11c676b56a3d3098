import { randomUUID } from 'node:crypto';
import fc from 'fast-check';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { encodeBody } from '../../lib/receive/quarantine-message.ts';
import { createHistory, type History } from '../../lib/reconcile/history.ts';
import { sumCounts } from '../../lib/reconcile/tally.ts';
import { type Aws, startAws } from '../support/aws.ts';
import { INDEX_KEY, indexKeys } from '../support/delivery-index.ts';
import {
  aPublication,
  type Arrival,
  arrive,
  type Clock,
  createClock,
  NOW,
  openHistory,
  openReconcile,
  run,
  SINCE,
} from '../support/reconcile.ts';
import {
  FAKE_KEYS,
  FAKE_MANAGEMENT,
  type FakePublication,
  type FakeVoucherify,
  startVoucherify,
  toVoucherId,
} from '../support/voucherify-api.ts';

let aws: Aws;
beforeAll(async () => {
  aws = await startAws();
});
afterAll(() => aws.stop());

let clock: Clock;
let api: FakeVoucherify;
let tableName: string;
let history: History;
beforeEach(async () => {
  clock = createClock();
  api = await startVoucherify(clock.ms);
  tableName = `t-${randomUUID()}`;
  await aws.createTable(tableName);
  history = openHistory(aws, tableName);
});
afterEach(() => api.stop());

const HOUR_MS = 3_600_000;
const before = (ms: number) => new Date(NOW - ms).toISOString();
const options = () => ({ api, clock, history });
const result = async (request: object = {}, more: object = {}) => {
  const [{ result: found, failure }] = await run({ ...options(), ...more }, request);
  if (found === null) throw new Error(`The run failed: ${JSON.stringify(failure)}`);
  return found;
};

/** Many publications of one time: a page of the list ends among them, so the period is exported. */
const asExport = (prefix = 'x'): FakePublication[] =>
  Array.from({ length: 150 }, (_, n) =>
    aPublication({
      id: `pub_${prefix}${n}`,
      codes: [],
      result: 'FAILURE',
      at: before(50 * HOUR_MS),
    }),
  );
const exports = () => api.calls.filter(({ method }) => method === 'POST').length;

/** Ten publications; the webhook of each comes but those of `dropped`. */
async function tenWithout(dropped: readonly number[], changes: Partial<FakePublication> = {}) {
  const ten = Array.from({ length: 10 }, (_, n) =>
    aPublication({
      id: `pub_${n}`,
      codes: [`QUAY-${n}`],
      at: before((40 + n) * HOUR_MS),
      ...changes,
    }),
  );
  api.publications.push(...ten);
  await arrive(
    aws,
    tableName,
    ten.filter((_, n) => !dropped.includes(n)).map((publication) => ({ publication })),
  );
  return ten;
}

describe.each([
  ['listed', () => [], 0],
  ['exported', asExport, 1],
] as const)('publications that are %s', (_name, extra, exportCount) => {
  beforeEach(() => api.publications.push(...extra()));

  it('all came', async () => {
    await tenWithout([]);
    const { counts, missing, total } = await result();
    expect(counts).toMatchObject({ arrived: 10, missing: 0, unclear: 0, failed: extra().length });
    expect(total).toBe(10 + extra().length);
    expect(missing).toEqual([]);
    expect(exports()).toBe(exportCount);
  });

  it('and whose webhook was dropped are missing, the oldest first, with what Voucherify knows', async () => {
    await tenWithout([3, 7]);
    const { counts, missing, hasMoreMissing } = await result();
    expect(counts).toMatchObject({ arrived: 8, missing: 2 });
    expect(hasMoreMissing).toBe(false);
    expect(missing).toEqual(
      [7, 3].map((n) => ({
        publication: `pub_${n}`,
        at: before((40 + n) * HOUR_MS),
        campaign: 'Harbour days',
        distribution: 'distr_w4',
        vouchers: [toVoucherId(`QUAY-${n}`)],
      })),
    );
  });

  it('have their codes in the result only when they are asked for', async () => {
    await tenWithout([3]);
    const { missing } = await result({ show: true });
    expect(missing).toMatchObject([{ codes: ['QUAY-3'] }]);
    const reports = await run(options());
    expect(JSON.stringify(reports)).not.toContain('QUAY-');
  });

  it('are pending while Voucherify still tries', async () => {
    await tenWithout([0]);
    const young = aPublication({ id: 'pub_young', codes: ['QUAY-Y'], at: before(25 * HOUR_MS) });
    api.publications.push(young);
    expect((await result()).counts).toMatchObject({ missing: 1, pending: 1 });
  });

  it('are compared within the period only, whose end does not belong to it', async () => {
    await tenWithout([0, 1, 2, 3]);
    const since = before(42 * HOUR_MS);
    const until = before(41 * HOUR_MS);
    expect(await result({ since, until, all: true })).toMatchObject({
      total: 1,
      missing: [{ publication: 'pub_2' }],
    });
  });

  it('of another campaign are left out', async () => {
    await tenWithout([1]);
    const other = aPublication({ id: 'pub_o', codes: ['QUAY-O'], campaign: 'Fog, "1"' });
    api.publications.push(other);
    const { missing, total } = await result({ campaign: 'Fog, "1"' });
    expect(missing).toMatchObject([{ publication: 'pub_o', campaign: 'Fog, "1"' }]);
    expect(total).toBe(1);
  });

  it('of a campaign that sends nothing here are elsewhere', async () => {
    await tenWithout([1]);
    api.publications.push(
      aPublication({ id: 'pub_o', codes: ['QUAY-O'], campaign: 'Fog', distribution: 'distr_o' }),
    );
    const { counts, elsewhere } = await result();
    expect(counts).toMatchObject({ missing: 1, elsewhere: 1 });
    expect(elsewhere).toMatchObject([{ campaign: 'Fog', channel: 'Automation', count: 1 }]);
  });

  it('are all expected when a webhook of the project reports each one', async () => {
    await tenWithout([1]);
    const other = aPublication({ id: 'pub_o', codes: ['QUAY-O'], campaign: 'Fog' });
    const reported = aPublication({ id: 'pub_p', codes: ['QUAY-P'], campaign: 'Pier' });
    api.publications.push(other, reported);
    const source = '/voucherify/proj_q1/wh_1';
    await arrive(aws, tableName, [
      { publication: reported, event: 'publication.succeeded', source },
    ]);
    expect((await result()).counts).toMatchObject({ missing: 2, elsewhere: 0 });
  });

  it('wait in quarantine, by their id or their code, in JSON or not', async () => {
    await tenWithout([1, 2, 3, 4]);
    const at = before(30 * HOUR_MS);
    const quarantine = [
      toQuarantined('{"data":{"publication":{"id":"pub_1"},"voucher":{"code":"QUAY-1"}}}', at),
      toQuarantined('{"broken": true, "code":"QUAY-2", ', at),
      toQuarantined('{"promo":"QUAY\\u002d3"}', at),
      // before the code was published: another webhook
      toQuarantined('{"code":"QUAY-4"}', before(100 * HOUR_MS)),
      'damaged',
    ];
    const [last] = await run({ ...options(), quarantine });
    expect(last.result?.counts).toMatchObject({ quarantined: 3, missing: 1 });
    expect(last.result?.quarantinedCompared).toBe(5);
    expect(last.held).toHaveLength(5);
  });

  it('of a campaign whose webhooks are all in quarantine are not elsewhere', async () => {
    const two = ['a', 'b'].map((id) => aPublication({ id: `pub_${id}`, codes: [`QUAY-${id}`] }));
    api.publications.push(...two);
    const quarantine = [toQuarantined('{"code":"QUAY-a"}', before(HOUR_MS))];
    const { counts } = await result({}, { quarantine });
    expect(counts).toMatchObject({ quarantined: 1, missing: 1, elsewhere: 0 });
  });

  it('of one code are told apart', async () => {
    const three = [40, 41, 42].map((hours) =>
      aPublication({ id: `pub_${hours}`, codes: ['WELCOME'], at: before(hours * HOUR_MS) }),
    );
    api.publications.push(...three);
    const came = three.filter(({ id }) => id !== 'pub_41');
    await arrive(
      aws,
      tableName,
      came.map((publication) => ({ publication })),
    );
    const { counts, missing } = await result();
    expect(counts).toMatchObject({ arrived: 2, missing: 1, unclear: 0 });
    expect(missing).toMatchObject([{ publication: 'pub_41' }]);
  });

  it('came by code and time, where the webhook names no publication', async () => {
    const [a, b] = [
      aPublication({ id: 'pub_a', codes: ['QUAY-A'] }),
      aPublication({ id: 'pub_b', codes: ['QUAY-B'] }),
    ];
    api.publications.push(a, b);
    await arrive(aws, tableName, [
      { publication: a, isAnonymous: true, event: 'Coupon issued' },
      // a redemption does not hand out a code
      { publication: b, isAnonymous: true, event: 'redemption.succeeded' },
    ]);
    const found = await result();
    expect(found.counts).toMatchObject({ arrived: 1 });
    expect(found.arrivedByTime).toBe(1);
    expect(found.missing).toMatchObject([{ publication: 'pub_b' }]);
  });

  it('that came late, twice, or after a retry from the audit log have come', async () => {
    const [a, b] = [
      aPublication({ id: 'pub_a', codes: ['QUAY-A'] }),
      aPublication({ id: 'pub_b', codes: ['QUAY-B'] }),
    ];
    api.publications.push(a, b);
    await arrive(aws, tableName, [
      { publication: a, delayMs: 40 * HOUR_MS },
      { publication: b },
      { publication: b, webhookId: 'whs_again', delayMs: HOUR_MS },
    ]);
    expect((await result()).counts).toMatchObject({ arrived: 2, missing: 0 });
  });
});

function toQuarantined(body: string, receivedAt: string): string {
  return JSON.stringify({
    receivedAt,
    id: 'whs_q',
    format: null,
    event: null,
    mapping: null,
    issues: [],
    headers: {},
    body: encodeBody(Buffer.from(body)),
  });
}

/** One publication of a generated period, and what becomes of it. */
interface Case {
  readonly code: number;
  readonly minute: number;
  readonly isYoung: boolean;
  readonly group: number;
  readonly size: number;
  readonly fate: 'arrives' | 'repeated' | 'dropped' | 'failed' | 'quarantined';
}

describe('whatever comes, and whatever does not', () => {
  const arbitraryCase: fc.Arbitrary<Case> = fc.record({
    code: fc.nat(9),
    minute: fc.nat(10_000),
    isYoung: fc.boolean(),
    group: fc.nat(2),
    size: fc.constantFrom(1, 1, 1, 3, 12),
    fate: fc.constantFrom('arrives', 'arrives', 'repeated', 'dropped', 'failed', 'quarantined'),
  });
  let n = 0;

  it.each([
    ['listed', 0],
    ['exported', 1],
  ] as const)('exactly what was dropped is missing: %s', async (_name, exportCount) => {
    await fc.assert(
      fc.asyncProperty(fc.array(arbitraryCase, { maxLength: 24 }), async (all) => {
        n += 1;
        // in the file of an export a publication of several vouchers has several rows, and is tested above
        const cases = all.map((each) => (exportCount === 1 ? { ...each, size: 1 } : each));
        const times = new Set<string>();
        const made = cases.flatMap((each, index) => {
          const at = before((each.isYoung ? 0 : 30 * HOUR_MS) + each.minute * 6_000 + index + 1);
          if (times.has(at)) return [];
          times.add(at);
          const publication = aPublication({
            id: `pub_${n}x${index}`,
            at,
            codes: Array.from({ length: each.size }, (_, part) => `C${n}-${each.code}-${part}`),
            campaign: `Campaign ${each.group}`,
            distribution: `distr_${each.group}`,
            result: each.fate === 'failed' ? 'FAILURE' : 'SUCCESS',
          });
          return [{ ...each, publication }];
        });
        const fillers = exportCount === 1 ? asExport(`${n}f`) : [];
        api.publications.splice(0, Infinity, ...made.map((each) => each.publication), ...fillers);
        api.calls.splice(0);
        const arrivals = made.flatMap(({ publication, fate }): Arrival[] => {
          if (fate === 'arrives') return [{ publication }];
          const again = { publication, webhookId: `whs_2${publication.id}`, delayMs: HOUR_MS };
          return fate === 'repeated' ? [{ publication }, again] : [];
        });
        await arrive(aws, tableName, arrivals);
        const isOld = (at: string) => NOW - Date.parse(at) >= 26 * HOUR_MS;
        const quarantine = made
          .filter(({ fate }) => fate === 'quarantined')
          .map(({ publication: { id, codes, at } }) =>
            toQuarantined(JSON.stringify({ publication: { id }, code: codes[0] }), at),
          );

        const sendsHere = new Set(
          made
            .filter(
              ({ fate, publication: { at } }) =>
                fate === 'arrives' || fate === 'repeated' || (fate === 'quarantined' && isOld(at)),
            )
            .map(({ group }) => group),
        );
        const classOf = ({ fate, group, publication: { at } }: (typeof made)[number]) => {
          if (fate === 'failed') return 'failed';
          if (fate === 'arrives' || fate === 'repeated') return 'arrived';
          if (!isOld(at)) return 'pending';
          if (fate === 'quarantined') return 'quarantined';
          return sendsHere.has(group) ? 'missing' : 'elsewhere';
        };
        const expected = made.filter((each) => classOf(each) === 'missing');

        const found = await result({}, { quarantine });
        expect(exports()).toBe(exportCount);
        const ids = (each: { readonly publication: string | null }) => each.publication;
        expect(new Set(found.missing.map(ids))).toEqual(
          new Set(expected.map(({ publication }) => publication.id)),
        );
        expect(found.missing).toHaveLength(expected.length);
        const count = (name: string) => made.filter((each) => classOf(each) === name).length;
        expect(found.counts).toEqual({
          arrived: count('arrived'),
          missing: count('missing'),
          pending: count('pending'),
          failed: count('failed') + fillers.length,
          elsewhere: count('elsewhere'),
          quarantined: count('quarantined'),
          unclear: 0,
        });
        expect(sumCounts(found.counts)).toBe(found.total);
      }),
      { numRuns: 25 },
    );
  });
});

describe('a list of several pages', () => {
  const many = (count: number) =>
    Array.from({ length: count }, (_, n) =>
      aPublication({ id: `pub_${n}`, codes: [`L-${n}`], at: before(30 * HOUR_MS + n * 1_000) }),
    );

  it('has each publication once, while others are made', async () => {
    const all = many(450);
    api.publications.push(...all);
    const came = all.filter((_, n) => n !== 150 && n !== 399);
    await arrive(
      aws,
      tableName,
      came.map((publication) => ({ publication })),
    );
    let made = 0;
    const busy: History = {
      ...history,
      find: async (publications) => {
        for (let n = 0; n < 30; n += 1) {
          made += 1;
          const at = new Date(NOW + made * 1_000).toISOString();
          api.publications.push(aPublication({ id: `pub_new${made}`, codes: [`NEW-${made}`], at }));
        }
        return history.find(publications);
      },
    };
    const { counts, missing, total } = await result({}, { history: busy });
    expect(total).toBe(450);
    expect(counts).toMatchObject({ arrived: 448, missing: 2 });
    expect(missing.map(({ publication }) => publication)).toEqual(['pub_399', 'pub_150']);
    expect(exports()).toBe(0);
  });

  it('that ends before the period does is exported', async () => {
    const all = many(2_100);
    api.publications.push(...all);
    await arrive(
      aws,
      tableName,
      all.slice(1).map((publication) => ({ publication })),
    );
    expect((await result()).counts).toMatchObject({ arrived: 2_099, missing: 1 });
    expect(exports()).toBe(1);
  });

  it('with more missing than are listed has all of them in its counts', async () => {
    const all = many(1_300);
    api.publications.push(...all);
    await arrive(aws, tableName, [{ publication: all[0] ?? aPublication() }]);
    const { counts, missing, hasMoreMissing } = await result();
    expect(counts).toMatchObject({ arrived: 1, missing: 1_299 });
    expect(missing).toHaveLength(1_000);
    expect(hasMoreMissing).toBe(true);
  });
});

describe('what came', () => {
  it('is found among the many webhooks of one code', async () => {
    const all = Array.from({ length: 1_100 }, (_, n) =>
      aPublication({ id: `pub_${n}`, codes: ['WELCOME'], at: before(30 * HOUR_MS + n * 1_000) }),
    );
    api.publications.push(...all);
    const came = all.filter((_, n) => n !== 17 && n !== 1_050);
    await arrive(
      aws,
      tableName,
      came.map((publication) => ({ publication })),
    );
    const { counts, missing } = await result();
    expect(counts).toMatchObject({ arrived: 1_098, missing: 2, unclear: 0 });
    expect(missing.map(({ publication }) => publication)).toEqual(['pub_1050', 'pub_17']);
  });

  it('is found with the older key of the index, too', async () => {
    await tenWithout([4]);
    const keys = indexKeys(`another-invented-index-key-of-ours\n${INDEX_KEY}`);
    const rotated = createHistory({ client: aws.dynamo, tableName, keys });
    expect((await result({}, { history: rotated })).counts).toMatchObject({
      arrived: 9,
      missing: 1,
    });
  });

  it('cannot be read: the call is rejected, and can be made again', async () => {
    await tenWithout([4]);
    let isDown = true;
    const failing: History = {
      ...history,
      find: async (publications) => {
        if (isDown) throw new Error('The table is out of reach');
        return history.find(publications);
      },
    };
    await expect(run({ ...options(), history: failing })).rejects.toThrow('out of reach');
    isDown = false;
    expect((await result({}, { history: failing })).counts).toMatchObject({ missing: 1 });
  });
});

describe('a period', () => {
  it('older than history is refused', async () => {
    const [{ failure }] = await run(
      { ...options(), historyDays: 16 },
      { since: before(17 * 24 * HOUR_MS) },
    );
    expect(failure).toMatchObject({ reason: 'too_old', detail: before(16 * 24 * HOUR_MS) });
    expect(api.calls).toEqual([]);
  });

  it.each([
    ['in the future', { since: '2026-03-21T00:00:00Z' }],
    ['that ends before it begins', { since: '2026-03-19', until: '2026-03-18' }],
  ])('%s is refused', async (_name, request) => {
    const [{ failure }] = await run(options(), request);
    expect(failure).toMatchObject({ reason: 'period_empty' });
  });

  it('that is not a time is refused, by its name and unquoted', async () => {
    const request = { command: 'reconcile', since: 'ida.quay@example.test', extra: 1 };
    const error: unknown = await openReconcile(options())(request).catch(
      (reason: unknown) => reason,
    );
    expect(String(error)).toContain('Not valid: since, extra.');
    expect(String(error)).not.toContain('ida');
  });
});

describe('the limit of calls', () => {
  it('is waited for between the slices, and half of it is left to others', async () => {
    api.publications.push(...asExport());
    await tenWithout([1, 2, 3, 4, 5, 6, 7]);
    Object.assign(api.faults, { limit: 6, windowMs: 60_000 });
    const [last, ...rest] = await run(options());
    expect(last.result?.counts).toMatchObject({ arrived: 3, missing: 7 });
    expect(last.result?.missing.every(({ publication }) => publication !== null)).toBe(true);
    expect(rest.some(({ waitSeconds }) => waitSeconds > 0)).toBe(true);
    expect(clock.ms() - NOW).toBeGreaterThan(60_000);
  });

  it('is used by half at once, and slowly then', async () => {
    api.publications.push(...asExport());
    await tenWithout([1, 2, 3, 4, 5, 6, 7]);
    Object.assign(api.faults, { limit: 10, windowMs: 60_000 });
    await run(options());
    const times = api.calls.filter(({ query }) => !query.has('token')).map(({ atMs }) => atMs);
    expect(times.filter((ms) => ms < NOW + 10_000)).toHaveLength(5);
    expect(times.filter((ms) => ms < NOW + 60_000).length).toBeLessThan(10);
    expect(times.length).toBeGreaterThan(10);
  });

  it('that others use up is waited for as long as Voucherify says', async () => {
    await tenWithout([1]);
    Object.assign(api.faults, { limit: 0, windowMs: 45_000 });
    const reconcile = openReconcile(options());
    const report = await reconcile({ command: 'reconcile', since: SINCE });
    expect(report).toMatchObject({ waitSeconds: 45, failure: null, result: null });
    expect(report.continuation).not.toBeNull();
  });
});

describe('an export', () => {
  beforeEach(async () => {
    api.publications.push(...asExport());
    await tenWithout([1]);
  });
  const failure = async () => (await run(options()))[0].failure;

  it('that is slow is waited for across slices', async () => {
    api.faults.pollsUntilDone = 40;
    const reports = await run(options());
    expect(reports[0].result?.counts).toMatchObject({ arrived: 9, missing: 1 });
    expect(reports.length).toBeGreaterThan(3);
    expect(exports()).toBe(1);
  });

  it('is deleted at the end, because its file has codes', async () => {
    await result();
    expect(api.exports.size).toBe(0);
  });

  it('that is never ready ends the run after an hour', async () => {
    api.faults.pollsUntilDone = Infinity;
    expect(await failure()).toMatchObject({ reason: 'export_too_slow' });
  });

  it('that fails ends the run', async () => {
    api.faults.exportFails = true;
    expect(await failure()).toMatchObject({ reason: 'export_failed' });
  });

  it('whose file is on another host gets no keys', async () => {
    const other = await startVoucherify();
    api.faults.downloadOrigin = other.origin;
    expect(await failure()).toMatchObject({ reason: 'unexpected_download_host' });
    expect(other.calls).toEqual([]);
    await other.stop();
  });

  it.each([
    ['with another order of columns, words as headers, and CRLF', reorder, 9],
    ['with a time without an offset', (csv: string) => csv.replaceAll('Z,', ','), 9],
    ['with a byte order mark', (csv: string) => `\uFEFF${csv}`, 9],
  ])('is read %s', async (_name, changeCsv, arrived) => {
    api.faults.changeCsv = changeCsv;
    expect((await result()).counts).toMatchObject({ arrived, missing: 1 });
  });

  it.each([
    ['has no column for the code', (csv: string) => csv.replace('voucher_code', 'voucher')],
    ['has two columns for the time', (csv: string) => csv.replace('channel', 'date')],
    ['has a row that is too short', (csv: string) => csv.replace(',Automation,', ',')],
    ['has a time that cannot be read', (csv: string) => csv.replace(/2026-[^,]*/, '12.3.2026')],
    ['has a time without the time of day', (csv: string) => csv.replace(/T[\d:.]*Z/, '')],
    ['has a quote that is never closed', (csv: string) => `${csv}"QUAY`],
    ['is empty', () => ''],
    ['is an error page', () => '<html>\n<p>'],
  ])('that %s ends the run, and is not quoted', async (_name, changeCsv) => {
    api.faults.changeCsv = changeCsv;
    const found = await failure();
    expect(found).toMatchObject({ reason: 'broken_csv' });
    expect(JSON.stringify(found)).not.toContain('QUAY');
  });

  it('whose times have no fraction of a second is confirmed by id where it is not certain', async () => {
    api.faults.changeCsv = (csv) => csv.replaceAll(/\.\d{3}Z/g, 'Z');
    const { counts, missing } = await result();
    expect(counts).toMatchObject({ arrived: 9, missing: 1, unclear: 0 });
    expect(missing).toMatchObject([{ publication: 'pub_1' }]);
  });

  it('whose times mean something else makes nothing missing that came', async () => {
    api.faults.changeCsv = (csv) => csv.replaceAll(/T(\d\d):(\d\d)/g, 'T$2:$1');
    const { counts } = await result();
    expect(counts.arrived + counts.unclear + counts.missing + counts.elsewhere).toBeLessThanOrEqual(
      10,
    );
    expect(counts.missing).toBeLessThanOrEqual(1);
  });
});

function reorder(csv: string): string {
  const [, ...rows] = csv.split('\n').map((row) => row.split(',').toReversed().join(','));
  return ['Campaign,Channel,Date,Voucher Code', ...rows].join('\r\n');
}

it('an exported publication of another distribution of a campaign is unclear, not missing', async () => {
  api.publications.push(...asExport());
  await tenWithout([1]);
  const byMail = aPublication({ id: 'pub_m', codes: ['QUAY-M'], distribution: 'distr_mail' });
  api.publications.push(byMail);
  const { counts, missing } = await result();
  expect(counts).toMatchObject({ arrived: 9, missing: 1, unclear: 1 });
  expect(missing).toMatchObject([{ publication: 'pub_1' }]);
  // the operator knows better
  expect((await result({ campaign: 'Harbour days' })).counts).toMatchObject({ missing: 2 });
});

describe('a large export', () => {
  const COUNT = 2_000;
  const DROPPED = new Set([0, 499, 500, 1_234, 1_999]);
  beforeEach(async () => {
    const many = Array.from({ length: COUNT }, (_, n) =>
      aPublication({ id: `pub_${n}`, codes: [`M-${n}`], at: before(48 * HOUR_MS + n * 1_000) }),
    );
    api.publications.push(...many, ...asExport());
    await arrive(
      aws,
      tableName,
      many.filter((_, n) => !DROPPED.has(n)).map((publication) => ({ publication })),
    );
  });
  const expected = { arrived: COUNT - DROPPED.size, missing: DROPPED.size, unclear: 0 };

  it('is compared in slices, each publication once', async () => {
    const slow: History = {
      ...history,
      find: async (publications) => {
        await clock.wait(7_000);
        return history.find(publications);
      },
    };
    const reports = await run({ ...options(), history: slow });
    expect(reports.length).toBeGreaterThan(2);
    const [last] = reports;
    expect(last.result?.counts).toMatchObject(expected);
    expect(last.result?.missing.map(({ publication }) => publication)).toEqual(
      [...DROPPED].toSorted((one, other) => other - one).map((n) => `pub_${n}`),
    );
  });

  it('whose download breaks off goes on where it got to', async () => {
    api.faults.breakOffAfter = 60_000;
    expect((await result()).counts).toMatchObject(expected);
  });
});

describe('Voucherify', () => {
  const failure = async (more: object = {}) => (await run({ ...options(), ...more }))[0].failure;

  it.each([
    [401, 'unauthorized'],
    [402, 'not_in_plan'],
    [400, 'refused'],
    [404, 'not_found'],
  ])('that responds with %i ends the run: %s', async (status, reason) => {
    api.faults.statuses = [status];
    expect(await failure()).toEqual({ reason, call: 'List Publications', status, detail: null });
  });

  it('that fails twice is asked again', async () => {
    await tenWithout([1]);
    api.faults.statuses = [500, 503];
    expect((await result()).counts).toMatchObject({ arrived: 9, missing: 1 });
  });

  it('that keeps failing ends the run', async () => {
    api.faults.statuses = [500, 502, 503];
    expect(await failure()).toMatchObject({ reason: 'unavailable', status: 503 });
  });

  it.each([
    ['a list without publications', { object: 'list', total: 1 }, 'publications'],
    ['a publication without an id', { total: 1, publications: [{}] }, 'publications.0.id'],
  ])('that sends %s is not believed', async (_name, body, detail) => {
    api.faults.changeList = () => body;
    expect(await failure()).toMatchObject({ reason: 'unexpected_response', detail });
  });

  it('gets the keys of the secret', async () => {
    await result();
    expect(api.calls[0]?.headers).toMatchObject({
      'x-app-id': FAKE_KEYS.applicationId,
      'x-app-token': FAKE_KEYS.secretKey,
    });
  });

  it('that is out of reach ends the run', async () => {
    const secret = api.secret({ apiUrl: 'http://127.0.0.1:9' });
    expect(await failure({ secret })).toMatchObject({ reason: 'unavailable', status: null });
  });

  it('that redirects is not followed, because the keys would be sent along', async () => {
    api.faults.statuses = [302, 302, 302];
    expect(await failure()).toMatchObject({ reason: 'unavailable' });
    expect(api.calls).toHaveLength(3);
  });

  it('is not called without a secret', async () => {
    expect(await failure({ secret: '{}' })).toEqual({
      reason: 'credentials_invalid',
      call: null,
      status: null,
      detail: 'Not valid: applicationId, secretKey',
    });
    expect(api.calls).toEqual([]);
  });
});

describe('the webhooks of the project', () => {
  const endpoint = 'https://relay.example.test/webhook';
  const events = ['publication.succeeded'];
  const webhook = { id: 'wh_1', active: false, target_url: `${endpoint}/braze`, events };

  it('that send here are reported, with whether they are active', async () => {
    const other = { id: 'wh_2', active: true, target_url: 'https://other.example.test/', events };
    api.webhooks.push(webhook, other);
    const secret = api.secret({ management: FAKE_MANAGEMENT });
    expect((await result({}, { secret, endpoint })).webhooks).toEqual({
      state: 'checked',
      webhooks: [{ id: 'wh_1', isActive: false, hasPublications: true }],
    });
  });

  it('are not checked without keys', async () => {
    const found = await result({}, { endpoint });
    expect(found.webhooks).toEqual({ state: 'not_checked', reason: 'no_management_keys' });
  });

  it('are not checked with keys that Voucherify does not accept; the rest is reported', async () => {
    await tenWithout([1]);
    const secret = api.secret({ management: { ...FAKE_MANAGEMENT, token: 'other' } });
    const found = await result({}, { secret, endpoint });
    expect(found.webhooks).toMatchObject({ reason: 'failed', failure: { reason: 'unauthorized' } });
    expect(found.counts).toMatchObject({ missing: 1 });
  });
});
