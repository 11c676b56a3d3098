import { expect, it } from 'vitest';
import {
  getSnapshotSince,
  type SnapshotDeps,
} from '../../../../lib/local/console/server/snapshot.ts';
import { createNotifications } from '../../../../lib/local/console/server/notifications.ts';
import { createCounters } from '../../../../lib/local/console/state/counters.ts';
import { createStore } from '../../../../lib/local/console/state/store.ts';

const NOW_MS = 1_800_000_000_000;

it('a snapshot has every destination with what is on its queue, also one that was renamed', () => {
  const counters = createCounters();
  counters.countAttempt('mail', 'delivered', NOW_MS);
  counters.countAttempt('gone', 'delivered', NOW_MS);
  const deps: SnapshotDeps = {
    endpoint: 'http://127.0.0.1:3000/webhooks/voucherify',
    store: createStore(),
    counters,
    notifications: createNotifications(() => NOW_MS),
    responseChoices: { get: () => 'ok' },
    speed: () => 1,
    restart: () => null,
    functionNames: () => ({
      destinations: [
        { name: 'crm', id: 'crm-first', kind: 'http', pace: '75/s, batches of 56' },
        { name: 'mail', id: 'mail', kind: 'sqs', pace: 'no limit' },
      ],
      mappings: [],
    }),
    backlogs: () =>
      new Map([
        [
          'crm-first',
          {
            waiting: 7,
            inProgress: 2,
            oldestSentAtMs: NOW_MS - 60_000,
            pausedAt: '2027-01-15T08:00:00.000Z',
          },
        ],
        ['mail', { waiting: 0, inProgress: 0, oldestSentAtMs: null, pausedAt: null }],
      ]),
    circuits: { get: (name) => (name === 'crm' ? 'open' : 'closed') },
    mockDestinationNames: new Set(['crm']),
    queueDepths: () => new Map([['RecordsQueue', 3]]),
    now: () => NOW_MS,
  };
  const { flow } = getSnapshotSince(deps, 0, 0);
  expect(flow.records.count).toBe(3);
  const seen = flow.destinations.map(({ series: _series, ...others }) => others);
  const nothing = { waiting: 0, inProgress: 0, oldestSentAt: null, pausedAt: null };
  expect(seen).toEqual([
    {
      name: 'crm',
      kind: 'http',
      responseChoice: 'ok',
      delivered: 0,
      waiting: 7,
      inProgress: 2,
      oldestSentAt: NOW_MS - 60_000,
      pace: '75/s, batches of 56',
      circuit: 'open',
      pausedAt: NOW_MS,
    },
    {
      ...nothing,
      name: 'mail',
      kind: 'sqs',
      responseChoice: null,
      delivered: 1,
      pace: 'no limit',
      circuit: 'closed',
    },
    {
      ...nothing,
      name: 'gone',
      kind: null,
      responseChoice: null,
      delivered: 1,
      pace: null,
      circuit: 'closed',
    },
  ]);
});
