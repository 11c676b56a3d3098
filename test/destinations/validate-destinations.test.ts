import { describe, expect, it } from 'vitest';
import type { DestinationOptions } from '../../lib/destinations/destination.ts';
import { http } from '../../lib/destinations/http.ts';
import { checkDestinations } from '../../lib/destinations/validate-destinations.ts';
import { ConfigError } from '../../lib/platform/config.ts';

const check = (...all: readonly Partial<DestinationOptions>[]): void =>
  checkDestinations(
    all.map((options) => http({ name: 'crm', url: 'https://example.test/', ...options })),
  );

/** Each limit of an option on both sides: what is accepted last, and what is refused first. */
const LIMITS: readonly {
  readonly option: keyof DestinationOptions;
  readonly accepted: readonly unknown[];
  readonly refused: readonly unknown[];
  readonly fault: string;
}[] = [
  {
    option: 'name',
    accepted: ['a', '0', 'crm-2', 'a-', 'x'.repeat(64)],
    refused: ['', '-a', 'CRM', 'c rm', 'a_b', 'a.b', 'é', 'crm\n', 'x'.repeat(65)],
    fault: 'is not 1 to 64 lowercase letters, digits and hyphens',
  },
  {
    option: 'timeoutMs',
    accepted: [0.5, 1, 5_000, 19_999, 20_000],
    refused: [0, -1, Number.NaN],
    fault: 'has a timeoutMs that is not above 0',
  },
  {
    option: 'timeoutMs',
    accepted: [20_000],
    refused: [20_000.5, 20_001, Number.POSITIVE_INFINITY, Number.NaN],
    fault: 'has a timeoutMs above 20000',
  },
  {
    option: 'concurrency',
    accepted: [1, 2, 50, 1_000],
    refused: [0, -1, 0.5, 1.5, Number.NaN, Number.POSITIVE_INFINITY],
    fault: 'has a concurrency that is not a whole number above 0',
  },
];

describe.each(LIMITS)('the $option of a destination', ({ option, accepted, refused, fault }) => {
  it.each(accepted.map((value) => [value]))('can be %s', (value) => {
    expect(() => check({ [option]: value })).not.toThrow();
  });

  it.each(refused.map((value) => [value]))(`${fault}: %s`, (value) => {
    expect(() => check({ [option]: value })).toThrow(ConfigError);
    expect(() => check({ [option]: value })).toThrow(fault);
  });
});

describe('the destinations', () => {
  it('can be none, or several with names of their own', () => {
    expect(() => check()).not.toThrow();
    expect(() => check({ name: 'crm' }, { name: 'mail' })).not.toThrow();
  });

  it('are refused with each fault, for the second of two with one name as well', () => {
    const all = [{ name: 'crm' }, { name: 'mail', timeoutMs: 0 }, { name: 'crm', concurrency: 0 }];
    expect(() => check(...all)).toThrow(
      [
        'The destinations are invalid:',
        "  'mail' has a timeoutMs that is not above 0",
        "  'crm' is the name of two destinations",
        "  'crm' has a concurrency that is not a whole number above 0",
        'Fix them in functions/destinations.ts.',
      ].join('\n'),
    );
  });
});
