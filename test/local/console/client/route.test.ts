import { describe, expect, it } from 'vitest';
import { formatRoute, parseRoute, type Route } from '../../../../lib/local/console/client/route.ts';

describe('the address of the page', () => {
  it.each<[string, Route]>([
    ['#/', { tab: null, webhookId: null }],
    ['#/queues', { tab: 'queues', webhookId: null }],
    ['#/webhooks', { tab: 'webhooks', webhookId: null }],
    ['#/webhooks/whs_1', { tab: 'webhooks', webhookId: 'whs_1' }],
    ['#/webhooks/a%2Fb%20%3F', { tab: 'webhooks', webhookId: 'a/b ?' }],
  ])('%s is written and read', (hash, route) => {
    expect(formatRoute(route)).toBe(hash);
    expect(parseRoute(hash)).toEqual(route);
  });

  it.each(['', '#', '#/nothing', '#/queues/whs_1', '#/webhooks/%zz'])(
    'is read without an error: %s',
    (hash) => {
      const { tab, webhookId } = parseRoute(hash);
      expect([null, 'queues', 'webhooks']).toContain(tab);
      expect(webhookId).toBe(hash.endsWith('%zz') ? '%zz' : null);
    },
  );
});
