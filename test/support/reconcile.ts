import { createHistory } from '../../lib/reconcile/history.ts';
import { createReconcile, type ReconcileReport } from '../../lib/reconcile/reconcile.ts';
import type { History } from '../../lib/reconcile/history.ts';
import { aRecord, aVoucher } from './a-record.ts';
import type { Aws } from './aws.ts';
import { indexKeys, openIndex } from './delivery-index.ts';
import type { FakePublication, FakeVoucherify } from './voucherify-api.ts';

/** When the publications of these tests are compared. */
export const NOW = Date.parse('2026-03-20T12:00:00.000Z');
/** All publications of these tests are later. */
export const SINCE = '2026-03-10T00:00:00.000Z';

/** A clock that only waits move. */
export function createClock() {
  let ms = NOW;
  return {
    ms: () => ms,
    now: () => new Date(ms),
    wait: async (duration: number): Promise<void> => void (ms += duration),
  };
}
export type Clock = ReturnType<typeof createClock>;

/** A publication of a distribution, two days before NOW. */
export function aPublication(changes: Partial<FakePublication> = {}): FakePublication {
  return {
    id: 'pub_a',
    at: new Date(NOW - 48 * 3_600_000).toISOString(),
    codes: ['QUAY-A'],
    campaign: 'Harbour days',
    channel: 'Automation',
    distribution: 'distr_w4',
    result: 'SUCCESS',
    ...changes,
  };
}

/** How the webhook of a publication came. */
export interface Arrival {
  readonly publication: FakePublication;
  /** After the publication. */
  readonly delayMs?: number;
  readonly webhookId?: string;
  readonly event?: string;
  readonly source?: string;
  /** The record does not say which publication it is, as that of a mapped body. */
  readonly isAnonymous?: boolean;
  /** The webhook does not say when it was published. */
  readonly isUntimed?: boolean;
}

/** The record of a webhook of a publication. */
export function toRecord(arrival: Arrival) {
  const { publication, delayMs = 2_000, event = 'manual_distribution_schedule' } = arrival;
  const { id, at, codes, distribution } = publication;
  const [code = null, ...others] = codes;
  const base = aRecord().data.publication;
  return aRecord({
    id: arrival.webhookId ?? `whs_${id}`,
    type: `voucherify.${event}`,
    source: arrival.source ?? `/voucherify/proj_q1/${distribution ?? 'distr_events'}`,
    data: {
      receivedAt: new Date(Date.parse(at) + delayMs).toISOString(),
      customer: null,
      voucher: aVoucher({ code }),
      otherVouchers: others.map((other) => aVoucher({ code: other })),
      publication:
        arrival.isAnonymous === true || base === null
          ? null
          : { ...base, id, createdAt: arrival.isUntimed === true ? null : at },
    },
  });
}

/** Lets webhooks come: their records are routed, and have index rows. */
export async function arrive(aws: Aws, tableName: string, arrivals: readonly Arrival[]) {
  const index = openIndex(aws.dynamo, tableName, { now: () => new Date(NOW) });
  for (let n = 0; n < arrivals.length; n += 50) {
    const records = arrivals
      .slice(n, n + 50)
      .map((arrival) => ({ record: toRecord(arrival), destinations: ['crm'] }));
    const { kind } = await index.write(records);
    if (kind !== 'stored') throw new Error('The index rows are not stored');
  }
}

/** What a run is made of. */
export interface RunOptions {
  readonly api: FakeVoucherify;
  readonly clock: Clock;
  readonly history: History;
  readonly quarantine?: readonly string[];
  readonly secret?: string;
  readonly historyDays?: number;
  readonly endpoint?: string | null;
}

/** Opens the history of a table. */
export function openHistory(aws: Aws, tableName: string): History {
  return createHistory({ client: aws.dynamo, tableName, keys: indexKeys() });
}

/** Creates the command. */
export function openReconcile(options: RunOptions) {
  const { api, clock, history, quarantine = [], endpoint = null, historyDays = 90 } = options;
  let left = quarantine.map((body, n) => ({ body, handle: `handle-${n}` }));
  return createReconcile({
    readCredentials: async () => options.secret ?? api.secret(),
    history,
    historyDays,
    receiveQuarantined: async () => {
      const received = left.slice(0, 10);
      left = left.slice(10);
      return received;
    },
    endpoint,
    now: clock.now,
    wait: clock.wait,
  });
}

/** Runs the command to its end, as the command line does. @returns every report, the last one at the end */
export async function run(
  options: RunOptions,
  request: object = {},
): Promise<[ReconcileReport, ...ReconcileReport[]]> {
  const reconcile = openReconcile(options);
  const reports: ReconcileReport[] = [];
  let continuation: unknown = null;
  do {
    const text = JSON.stringify({ command: 'reconcile', since: SINCE, ...request, continuation });
    const report = await reconcile(JSON.parse(text));
    reports.unshift(report);
    ({ continuation } = report);
    await options.clock.wait(report.waitSeconds * 1_000);
  } while (continuation !== null);
  const [last, ...rest] = reports;
  if (last === undefined) throw new Error('There is no report');
  return [last, ...rest];
}
