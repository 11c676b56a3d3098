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
    'are missed when nobody accepts a record with purpose %s: %s',
    (purpose, unrouted) => {
      expect(routeRecord(aRecord({ data: { purpose } }), [nobody]).unrouted).toBe(unrouted);
      expect(routeRecord(aRecord({ data: { purpose } }), []).unrouted).toBe(unrouted);
    },
  );

  it('lead a test webhook only to destinations that ask for such, and nobody misses it', () => {
    const record = aRecord({ data: { test: true } });
    const routes = routeRecord(record, [
      destination({ name: 'real' }),
      destination({ name: 'try-out', acceptsTestEvents: true }),
      destination({ name: 'picky', acceptsTestEvents: true, accepts: () => false }),
    ]);
    expect(names(routes.matched)).toEqual(['try-out']);
    expect(routeRecord(record, [nobody]).unrouted).toBe(false);
  });

  it('name a destination whose accepts throws, with the class of the error alone', () => {
    const broken = destination({
      name: 'broken',
      accepts: () => {
        throw new RangeError('HARBOUR-K7Q2');
      },
    });
    const routes = routeRecord(aRecord(), [broken, destination({ name: 'fine' })]);
    expect(names(routes.matched)).toEqual(['fine']);
    expect(routes.failed).toEqual([{ destination: broken, errorClass: 'RangeError' }]);
    expect(routeRecord(aRecord(), [broken]).unrouted).toBe(false);
  });
});

describe('a usable code', () => {
  it.each([
    ['of a record that hands one out', aRecord(), 'HARBOUR-K7Q2'],
    [
      'is none when something speaks against it',
      aRecord({ data: { voucher: aVoucher({ usable: false, unusableReasons: ['expired'] }) } }),
      null,
    ],
    [
      'is none in a record that only tells of a voucher',
      aRecord({ data: { purpose: 'activity' } }),
      null,
    ],
    ['is none without a voucher', aRecord({ data: { voucher: null } }), null],
  ])('%s', (_what, record, code) => {
    expect(redeemableCode(record)).toBe(code);
  });
});
