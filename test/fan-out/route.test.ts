import { describe, expect, it } from 'vitest';
import type { Destination, DestinationOptions } from '../../lib/destinations/destination.ts';
import { withDefaults } from '../../lib/destinations/destination.ts';
import { delivered } from '../../lib/destinations/outcome.ts';
import { redeemableCode } from '../../lib/record/redeemable-code.ts';
import { routeRecord } from '../../lib/fan-out/route.ts';
import { aRecord, aVoucher } from '../support/a-record.ts';

const destination = (rules: DestinationOptions): Destination => ({
  ...withDefaults(rules),
  onNoResponse: 'retry',
  deliver: async () => delivered(null),
});
const names = (list: readonly Destination[]) => list.map(({ name }) => name);
const nobody = destination({ name: 'nobody', accepts: () => false });

describe('the routes of a record', () => {
  it('lead to every destination that accepts it, and to all by default', () => {
    const routes = routeRecord(aRecord(), [
      destination({ name: 'all' }),
      destination({ name: 'codes', accepts: (record) => record.data.purpose === 'code' }),
      nobody,
    ]);
    expect(names(routes.matched)).toEqual(['all', 'codes']);
    expect(routes.unrouted).toBe(false);
  });

  it.each([
    ['code', true],
    ['promotion', true],
    ['message', false],
    ['activity', false],
  ] as const)(
    'are an error when no destination accepts a record with purpose %s: %s',
    (purpose, unrouted) => {
      expect(routeRecord(aRecord({ data: { purpose } }), [nobody]).unrouted).toBe(unrouted);
      expect(routeRecord(aRecord({ data: { purpose } }), []).unrouted).toBe(unrouted);
    },
  );

  it('lead a test webhook only to destinations with acceptsTestEvents, and it is never unrouted', () => {
    const record = aRecord({ data: { test: true } });
    const routes = routeRecord(record, [
      destination({ name: 'real' }),
      destination({ name: 'try-out', acceptsTestEvents: true }),
      destination({ name: 'picky', acceptsTestEvents: true, accepts: () => false }),
    ]);
    expect(names(routes.matched)).toEqual(['try-out']);
    expect(routeRecord(record, [nobody]).unrouted).toBe(false);
  });

  it('name a destination whose accepts throws, with nothing but the name of the error', () => {
    const broken = destination({
      name: 'broken',
      accepts: () => {
        throw new RangeError('HARBOUR-K7Q2');
      },
    });
    const routes = routeRecord(aRecord(), [broken, destination({ name: 'fine' })]);
    expect(names(routes.matched)).toEqual(['fine']);
    expect(routes.failed).toEqual([{ destination: broken, cause: 'RangeError' }]);
    expect(routeRecord(aRecord(), [broken]).unrouted).toBe(false);
  });
});

describe('the redeemable code', () => {
  it.each([
    ['is the code of a record that gives one to a customer', aRecord(), 'HARBOUR-K7Q2'],
    [
      'is null when the voucher is not usable',
      aRecord({ data: { voucher: aVoucher({ usable: false, unusableReasons: ['expired'] }) } }),
      null,
    ],
    ['is null in a record of activity', aRecord({ data: { purpose: 'activity' } }), null],
    ['is null without a voucher', aRecord({ data: { voucher: null } }), null],
  ])('%s', (_what, record, code) => {
    expect(redeemableCode(record)).toBe(code);
  });
});
