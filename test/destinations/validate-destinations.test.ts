import { describe, expect, it } from 'vitest';
import type { DestinationDeclaration } from '../../lib/destinations/declaration.ts';
import type { DestinationOptions } from '../../lib/destinations/destination.ts';
import { eventbridge } from '../../lib/destinations/eventbridge.ts';
import { http } from '../../lib/destinations/http.ts';
import { secretsManager } from '../../lib/destinations/secrets-manager.ts';
import { sqs } from '../../lib/destinations/sqs.ts';
import { checkDestinations } from '../../lib/destinations/validate-destinations.ts';
import { ConfigError } from '../../lib/platform/config.ts';
import { aDestination } from '../support/fan-out.ts';

const declare = (options: Partial<DestinationOptions>): DestinationDeclaration =>
  http({ name: 'crm', url: 'https://example.test/', ...options });
const check = (...all: readonly Partial<DestinationOptions>[]): void =>
  checkDestinations(all.map(declare));

const NOT_A_NAME = 'is not 1 to 40 lowercase letters, digits and hyphens';
const REFUSED_NAMES = [
  '',
  '-a',
  'CRM',
  'c rm',
  'a_b',
  'a.b',
  'a/b',
  '{stage}',
  '\u00e9',
  'crm\n',
  'x'.repeat(41),
];
const REFUSED_RATES = [0, -1, Number.NaN, Number.POSITIVE_INFINITY];

/** Each bound of an option on both sides: what is accepted last, and what is refused first. */
const BOUNDS: readonly {
  readonly option: string;
  readonly accepted: readonly unknown[];
  readonly refused: readonly unknown[];
  readonly toOptions: (value: never) => Partial<DestinationOptions>;
  readonly fault: string;
}[] = [
  {
    option: 'name',
    accepted: ['a', '0', 'crm-2', 'a-', 'x'.repeat(40)],
    refused: REFUSED_NAMES,
    toOptions: (name: string) => ({ name }),
    fault: NOT_A_NAME,
  },
  {
    option: 'formerly',
    accepted: ['a', '0', 'crm-2', 'a-', 'x'.repeat(40)],
    refused: REFUSED_NAMES,
    toOptions: (formerly: string) => ({ formerly }),
    fault: NOT_A_NAME,
  },
  {
    option: 'timeoutMs',
    accepted: [0.5, 1, 5_000, 19_999, 20_000],
    refused: [0, -1, Number.NaN],
    toOptions: (timeoutMs: number) => ({ timeoutMs }),
    fault: 'has a timeoutMs that is not above 0',
  },
  {
    option: 'timeoutMs',
    accepted: [20_000],
    refused: [20_000.5, 20_001, Number.POSITIVE_INFINITY],
    toOptions: (timeoutMs: number) => ({ timeoutMs }),
    fault: 'has a timeoutMs above 20000',
  },
  {
    option: 'limit.perSecond',
    accepted: [0.01, 1, 75, 10_000, null],
    refused: REFUSED_RATES,
    toOptions: (perSecond: number) => ({ limit: { perSecond } }),
    fault: 'has a limit.perSecond that is not a number above 0',
  },
  {
    option: 'limit.perMinute',
    accepted: [0.01, 1, 700, 100_000, null],
    refused: REFUSED_RATES,
    toOptions: (perMinute: number) => ({ limit: { perMinute } }),
    fault: 'has a limit.perMinute that is not a number above 0',
  },
  {
    option: 'limit.concurrency',
    accepted: [2, 3, 1_000, null],
    refused: [1, 0, -1, 2.5, Number.NaN, Number.POSITIVE_INFINITY],
    toOptions: (concurrency: number) => ({ limit: { concurrency } }),
    fault: 'has a limit.concurrency that is not a whole number of at least 2',
  },
];

describe.each(BOUNDS)('the $option of a destination', ({ accepted, refused, toOptions, fault }) => {
  it.each(accepted.map((value) => [value]))('can be %s', (value) => {
    expect(() => check(toOptions(value as never))).not.toThrow();
  });

  it.each(refused.map((value) => [value]))(`${fault}: %s`, (value) => {
    expect(() => check(toOptions(value as never))).toThrow(ConfigError);
    expect(() => check(toOptions(value as never))).toThrow(fault);
  });
});

describe('the destinations', () => {
  it('can be none, or several with names of their own', () => {
    expect(() => check()).not.toThrow();
    expect(() => check({ name: 'crm' }, { name: 'mail' })).not.toThrow();
  });

  it.each([
    ['the name of both', { name: 'crm' }, { name: 'crm' }],
    ['the former name of both', { name: 'crm', formerly: 'old' }, { formerly: 'old', name: 'erp' }],
    ['a name that another had', { name: 'crm', formerly: 'old' }, { name: 'old' }],
    ['the former name of another that is here', { name: 'old' }, { name: 'crm', formerly: 'old' }],
    ['each other\u2019s names', { name: 'erp', formerly: 'crm' }, { name: 'crm', formerly: 'erp' }],
  ])('cannot share %s', (_what, first, second) => {
    expect(() => check(first, second)).toThrow('rename one of them');
    expect(() => check(second, first)).toThrow('rename one of them');
  });

  it('are checked in the same way when they were created', () => {
    const created = [aDestination({ name: 'crm' }), aDestination({ name: 'crm' })];
    expect(() => checkDestinations(created.slice(1))).not.toThrow();
    expect(() => checkDestinations(created)).toThrow('rename one of them');
  });

  it('can use the same kinds of variables, but not the same variable', () => {
    const crm = http({
      name: 'crm',
      url: 'https://example.test/',
      secret: secretsManager('crm'),
      signingSecrets: secretsManager('crm-signing'),
    });
    expect(() => checkDestinations([crm, declare({ name: 'crm-signing' })])).not.toThrow();
    // a name that begins with a digit gets a letter in front of its variables
    const digit = [declare({ name: '1st' }), declare({ name: 'd-1st' })];
    expect(() => checkDestinations(digit)).toThrow('needs the variable D_1ST_URL');
  });

  it.each([
    sqs({ name: 'dead-letters', queue: 'arn:aws:sqs:eu-west-1:111122223333:x' }),
    http({ name: 'destination-queues', url: 'https://example.test/' }),
    http({ name: 'aws-endpoint', url: 'https://example.test/' }),
  ])('cannot take a variable that the function has for itself: $name', (declaration) => {
    expect(() => checkDestinations([declaration])).toThrow('which is in use already');
  });

  it('are refused with every fault at once, each with its destination', () => {
    const all = [
      declare({ name: 'crm' }),
      declare({ name: 'mail', timeoutMs: 0, limit: { perSecond: 0, concurrency: 1 } }),
      eventbridge({ name: 'crm', bus: 'arn:aws:events:eu-west-1:111122223333:event-bus/shop' }),
    ];
    expect(() => checkDestinations(all)).toThrow(
      [
        'The destinations are invalid:',
        "  'mail' has a timeoutMs that is not above 0: choose 1 to 20000",
        "  'mail' has a limit.perSecond that is not a number above 0: leave it out if the receiver has none",
        "  'mail' has a limit.concurrency that is not a whole number of at least 2: Lambda accepts no smaller cap",
        "  'crm' is the name, now or formerly, of two destinations: rename one of them",
        'Fix them in functions/destinations.ts or the files that it lists.',
      ].join('\n'),
    );
  });
});
