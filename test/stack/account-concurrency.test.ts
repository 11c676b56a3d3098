import { describe, expect, it } from 'vitest';
import {
  computeUnreservedNeed,
  findConcurrencyFault,
} from '../../lib/stack/account-concurrency.ts';
import type { Limit } from '../../lib/destinations/queue-settings.ts';
import { planned } from './support/planned.ts';

const limited = (limit: Partial<Limit>) => planned({ name: 'crm', limit }).destinations;
const unlimited = (count: number) =>
  Array.from({ length: count }, (_, index) => planned({ name: `d${index}` }).destinations).flat();

describe('the concurrency caps of a stack', () => {
  const values = { accountConcurrency: 200, recordsConcurrency: '50' };

  it.each([
    ['with 100 for receive', values, unlimited(5)],
    [
      'with what is reserved for receive',
      { ...values, receiveReservedConcurrency: '140' },
      unlimited(1),
    ],
    ['with a destination that has a limit', values, limited({ concurrency: 4 })],
  ])('fit the quota of the account %s', (_, given, destinations) => {
    expect(findConcurrencyFault(given, destinations)).toBeNull();
  });

  it('are listed by name when they do not fit', () => {
    const given = { ...values, receiveReservedConcurrency: 145 };
    const destinations = [...limited({ concurrency: 4 }), ...unlimited(1)];
    expect(findConcurrencyFault(given, destinations)).toBe(
      "accountConcurrency is 200, and the concurrency caps add up to 209: recordsConcurrency 50, receiveReservedConcurrency 145, the destination 'crm' 4, the destination 'd0' 10. Lower recordsConcurrency or a destination's limit.concurrency, or ask AWS for a higher quota and set accountConcurrency to it",
    );
  });

  it.each([
    ['with 100 for receive', values, 50 + 100 + 4 + 10],
    [
      'without what is reserved for receive',
      { ...values, receiveReservedConcurrency: '140' },
      50 + 4 + 10,
    ],
  ])('need what is unreserved, %s', (_case, given, need) => {
    const destinations = [...limited({ concurrency: 4 }), ...unlimited(1)];
    expect(computeUnreservedNeed(given, destinations)).toBe(need);
  });
});
