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
    store: createStore(),
    counters,
    notifications: createNotifications(() => NOW_MS),
    responseChoices: { get: () => 'ok' },
    speed: () => 1,
    restart: () => null,
    functionNames: () => ({
      destinations: [
        { name: 'crm', id: 'crm-first', kind: 'http' },
        { name: 'mail', id: 'mail', kind: 'sqs' },
      ],
      mappings: [],
    }),
    destinationQueueIds: new Map([
      ['crm-first', 'ToCrmFirstQueue'],
      ['mail', 'ToMailQueue'],
    ]),
    mockDestinationNames: new Set(['crm']),
    queueDepths: () =>
      new Map([
        ['ToCrmFirstQueue', 7],
        ['ToMailQueue', 0],
        ['RecordsQueue', 3],
      ]),
    now: () => NOW_MS,
  };
  const { flow } = getSnapshotSince(deps, 0, 0);
  expect(flow.records.count).toBe(3);
  const seen = flow.destinations.map(({ series: _series, ...others }) => others);
  expect(seen).toEqual([
    { name: 'crm', kind: 'http', responseChoice: 'ok', delivered: 0, waiting: 7 },
    { name: 'mail', kind: 'sqs', responseChoice: null, delivered: 1, waiting: 0 },
    { name: 'gone', kind: null, responseChoice: null, delivered: 1, waiting: 0 },
  ]);
});
