import { describe, expect, it } from 'vitest';
import { toQueueSettings } from '../../../lib/destinations/queue-settings.ts';
import { checkDestinations } from '../../../lib/destinations/validate-destinations.ts';
import * as sdk from 'voucher-relay';
import { DOCUMENTED_LIMITS } from '../../docs/api-shapes.ts';
import { aRecord } from '../../support/a-record.ts';
import { aCodeFor, SECRET } from '../../support/ready-made.ts';

const url = 'https://example.test';
const properties = () => ({});
const place = { database: 'D', schema: 'S', warehouse: 'W', table: 't', row: properties };
const sender = { accountSid: `AC${'0'.repeat(32)}`, from: 'Harbour', message: () => 'Hello' };
const declareAll = (options: Partial<sdk.ReadyMadeOptions> = {}) => {
  const common = { secret: SECRET, ...options };
  return {
    klaviyo: sdk.klaviyo({ ...common, properties }),
    klaviyoBulk: sdk.klaviyoBulk({ ...common, properties }),
    braze: sdk.braze({ ...common, url, attributes: properties }),
    twilio: sdk.twilio({ ...common, ...sender }),
    snowflake: sdk.snowflake({ ...common, ...place, url }),
  };
};

describe('the ready-made destinations', () => {
  it('can be declared together, each with a name of its own', () => {
    const declarations = Object.values(declareAll());
    expect(() => checkDestinations(declarations)).not.toThrow();
    expect(declarations.map(({ name }) => name)).toEqual([
      'klaviyo',
      'klaviyo-bulk',
      'braze',
      'twilio',
      'snowflake',
    ]);
  });

  it.each(['klaviyo', 'klaviyoBulk', 'braze'] as const)(
    'keep to 80 %% of what is documented: %s',
    (name) => {
      const share = (documented: number | null) =>
        documented === null ? null : Math.floor(0.8 * documented);
      const { limit } = declareAll()[name];
      const documented = DOCUMENTED_LIMITS[name];
      expect(limit).toMatchObject({
        perSecond: share(documented.perSecond),
        perMinute: share(documented.perMinute),
      });
    },
  );

  it('take no more of the concurrency of the account than a destination without a limit', () => {
    for (const { limit, batch } of Object.values(declareAll())) {
      expect(toQueueSettings(limit, batch).maximumConcurrency).toBeLessThanOrEqual(10);
    }
  });

  it.each(['klaviyo', 'klaviyoBulk', 'braze', 'twilio'] as const)(
    'get only codes that can be used: %s',
    (name) => {
      const { accepts } = declareAll()[name];
      const unusable = { usable: false, unusableReasons: ['expired' as const] };
      expect(accepts(aCodeFor(1))).toBe(true);
      expect(accepts(aCodeFor(1, { voucher: unusable }))).toBe(false);
      expect(accepts(aRecord({ data: { purpose: 'activity' } }))).toBe(false);
    },
  );

  it('take every option of a destination in the place of what is preset', () => {
    const options = {
      limit: { perSecond: 1, perMinute: 2, concurrency: 3 },
      accepts: () => true,
      deduplicateBy: () => 'key',
      timeoutMs: 1_234,
      retired: true,
      acceptsTestEvents: true,
    };
    for (const [name, declaration] of Object.entries(declareAll({ ...options, name: 'own' }))) {
      expect(declaration, name).toMatchObject({ ...options, name: 'own', id: 'own' });
    }
    const batch = { size: 5, windowSeconds: 1 };
    expect(sdk.klaviyoBulk({ secret: SECRET, properties, batch }).batch).toEqual(batch);
  });
});
