import { describe, expect, it } from 'vitest';
import {
  formatRoute,
  NO_FILTER,
  parseRoute,
  type Route,
} from '../../../../lib/local/console/client/route.ts';

describe('the address of the page', () => {
  it.each<[string, Partial<Route>]>([
    ['#/', {}],
    ['#/queues', { tab: 'queues' }],
    ['#/webhooks', { tab: 'webhooks' }],
    ['#/webhooks/whs_1', { tab: 'webhooks', webhookId: 'whs_1' }],
    ['#/webhooks/a%2Fb%20%3F', { tab: 'webhooks', webhookId: 'a/b ?' }],
    ['#/?state=dead', { filter: { ...NO_FILTER, state: 'dead' } }],
    [
      '#/webhooks/whs_1?event=journey.finished&distribution=Birthday+mail+%2F+EU%3F&state=waiting',
      {
        tab: 'webhooks',
        webhookId: 'whs_1',
        filter: {
          event: 'journey.finished',
          distribution: 'Birthday mail / EU?',
          state: 'waiting',
        },
      },
    ],
  ])('%s is written and read', (hash, parts) => {
    const route = { tab: null, webhookId: null, filter: NO_FILTER, ...parts };
    expect(formatRoute(route)).toBe(hash);
    expect(parseRoute(hash)).toEqual(route);
  });

  it.each(['', '#', '#/nothing', '#/queues/whs_1?state=none', '#/webhooks/%zz'])(
    'is read without an error: %s',
    (hash) => {
      const { tab, webhookId, filter } = parseRoute(hash);
      expect(filter).toEqual(NO_FILTER);
      expect([null, 'queues', 'webhooks']).toContain(tab);
      expect(webhookId).toBe(hash.endsWith('%zz') ? '%zz' : null);
    },
  );
});
