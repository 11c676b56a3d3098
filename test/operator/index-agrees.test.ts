import { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import fc from 'fast-check';
import { afterAll, beforeAll, expect, it } from 'vitest';
import type { RowEnd } from '../../lib/deliveries/deliveries.ts';
import { createDeliveriesTable } from '../../lib/deliveries/deliveries-table.ts';
import { OPEN_STATES, toDeliveryKey, toWebhook } from '../../lib/deliveries/row.ts';
import { createErase } from '../../lib/operator/erase.ts';
import { createDeliveryFinder } from '../../lib/operator/find-deliveries.ts';
import { createRelease } from '../../lib/operator/release.ts';
import { aRecord, aVoucher } from '../support/a-record.ts';
import { type Aws, LOCAL_CLIENT, startAws } from '../support/aws.ts';
import { indexKeys, openIndex } from '../support/delivery-index.ts';

let aws: Aws;
let runs = 0;
beforeAll(async () => {
  aws = await startAws();
});
afterAll(() => aws.stop());

/** How a call of the table ends for the caller. In a crash it does not come back, carried out or not. */
const FATES = ['works', 'works', 'works', 'fails', 'response lost'] as const;
type Fate = (typeof FATES)[number];

/** One thing that happens to one of the deliveries. */
const StepArbitrary = fc.record({
  record: fc.constantFrom('whs_1', 'whs_2', 'whs_3'),
  destination: fc.constantFrom('crm', 'sms'),
  action: fc.constantFrom(
    'deliver',
    'wait',
    'die',
    'give up',
    'crash while held',
    'route',
    'release',
    'erase',
  ),
  fates: fc.array(fc.constantFrom<Fate>(...FATES), { minLength: 4, maxLength: 4 }),
});

const FAILURE = { reason: 'http_status', cause: null, status: 503 } as const;

it('rows and indexes agree after any course of deliveries, failures, crashes, releases and erasures', async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(StepArbitrary, { maxLength: 12 }), async (steps) => {
      runs += 1;
      const tableName = `agrees-${runs}`;
      await aws.createTable(tableName);
      const fates: Fate[] = [];
      const client = new DynamoDBClient({
        ...LOCAL_CLIENT,
        endpoint: aws.dynamoEndpoint,
        maxAttempts: 1,
      });
      client.middlewareStack.add((next) => async (args) => {
        const fate = fates.shift() ?? 'works';
        if (fate === 'fails') throw new TypeError('not carried out');
        const result = await next(args);
        if (fate === 'response lost') throw new TypeError('carried out');
        return result;
      });
      let nowMs = Date.parse('2026-03-05T10:00:00.000Z');
      const now = () => new Date(nowMs);
      const table = createDeliveriesTable({
        client,
        tableName,
        historyDays: 90,
        now,
        random: () => 0.5,
        wait: async () => {},
      });
      const index = openIndex(client, tableName, { now });
      const release = createRelease({ client, tableName, now });
      const erase = createErase({ client, tableName, keys: indexKeys(), now, historyDays: 90 });
      const routed = new Map<string, Set<string>>();
      /** The webhooks whose person was erased, completely and not routed since. */
      const erased = new Set<string>();

      for (const [n, { record: id, destination, action, fates: planned }] of steps.entries()) {
        nowMs += 120_000;
        fates.splice(0, fates.length, ...planned);
        const record = aRecord({ id, data: { voucher: aVoucher({ code: `CODE-${id}` }) } });
        if (action === 'route') {
          const result = await index.write([{ record, destinations: ['crm', 'sms'] }]);
          if (result.kind === 'stored') routed.set(id, new Set(['crm', 'sms']));
          erased.delete(id);
          continue;
        }
        if (action === 'release') {
          await release.release([id], destination).catch(() => null);
          continue;
        }
        if (action === 'erase') {
          const request = {
            codes: [`CODE-${id}`],
            customers: [],
            destinations: [],
            continuation: null,
          };
          const options = {
            command: 'erase',
            dryRun: false,
            keepIndex: false,
            destinations: [],
          } as const;
          const report = await erase({ ...options, ...request }).catch(() => null);
          routed.delete(id);
          if (report !== null) erased.add(id);
          continue;
        }
        const key = toDeliveryKey(record, destination);
        if (action === 'give up') {
          await table.giveUp(key, { reason: 'too_old', lastFailure: FAILURE }, toWebhook(record));
          continue;
        }
        // the time of the invocation is over after one finishing write that failed
        let remainingMs = 60_000;
        const holder = { token: `request-${n}#0`, remainingMs: () => (remainingMs -= 20_000) };
        const times = { requestedAt: now().toISOString() };
        const taken = await table.take(key, holder, times, toWebhook(record));
        if (taken.kind !== 'taken' || action === 'crash while held') continue;
        const common = { attempts: 1, firstAt: now(), lastFailure: FAILURE };
        const ends: { readonly [Action in typeof action]: RowEnd } = {
          deliver: { state: 'delivered', ...common },
          wait: { state: 'waiting', ...common, nextAt: now().toISOString(), unfinishedTries: 0 },
          die: { state: 'dead', ...common, reason: 'rejected' },
        };
        await table.finish(taken.row, ends[action]);
      }

      const rows = (await aws.scan(tableName)).filter(({ state }) => state !== undefined);
      const finder = createDeliveryFinder({
        client: aws.dynamo,
        tableName,
        keys: indexKeys(),
      });
      for (const destination of ['crm', 'sms']) {
        for (const state of OPEN_STATES) {
          const { deliveries } = await finder.byDestination(destination, state);
          const expected = rows.filter(
            (row) => row['destination']?.S === destination && row['state']?.S === state,
          );
          expect(deliveries.map(({ webhookId }) => webhookId).toSorted()).toEqual(
            expected.map((row) => row['id']?.S ?? '').toSorted(),
          );
        }
      }
      // each delivery of a webhook that is in the index, once and in the state of its row
      const found = (await finder.byCustomer('crm-5512')).deliveries;
      expect(found.filter(({ webhookId }) => erased.has(webhookId))).toEqual([]);
      const erasedRows = rows.filter(({ state }) => state?.S === 'erased');
      expect(
        erasedRows.filter((row) => row['token'] ?? row['stateShard'] ?? row['releasedAt']),
      ).toEqual([]);
      for (const [id, destinations] of routed) {
        for (const destination of destinations) {
          const row = rows.find(
            (each) => each['id']?.S === id && each['destination']?.S === destination,
          );
          const states = found
            .filter((each) => each.webhookId === id && each.destination === destination)
            .map(({ state }) => state);
          expect(states).toEqual([row?.['state']?.S ?? 'queued']);
        }
      }
    }),
    { numRuns: 60 },
  );
}, 120_000);
