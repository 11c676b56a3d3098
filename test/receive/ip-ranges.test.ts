import fc from 'fast-check';
import * as v from 'valibot';
import { describe, expect, it } from 'vitest';
import { createIpRanges, IpRangesSchema } from '../../lib/receive/ip-ranges.ts';

const parse = (text: string | undefined): readonly string[] => {
  const result = v.safeParse(IpRangesSchema, text);
  return result.success ? result.output : result.issues.map(({ message }) => message);
};

describe('a list of IP ranges', () => {
  it('is separated by commas or white space', () => {
    expect(parse(' 198.51.100.7,203.0.113.0/24\n2001:db8::/32 ')).toEqual([
      '198.51.100.7',
      '203.0.113.0/24',
      '2001:db8::/32',
    ]);
    for (const empty of [undefined, '', ' , ']) expect(parse(empty)).toEqual([]);
  });

  it.each([
    'enforce',
    '1.2.3',
    '1.2.3.4.5',
    '256.1.1.1',
    '01.2.3.4',
    '1.2.3.4/33',
    '1.2.3.4/',
    '1.2.3.4/-1',
    '1.2.3.4/8.5',
    '1.2.3.4/0x8',
    '1.2.3.4/24/8',
    '1.2.3.4:80',
    '1.2.3.4-1.2.3.9',
    '1.2.3.*',
    '2001:db8::/129',
    '2001:db8:::1',
    '[2001:db8::1]',
    'fe80::1%eth0',
    'hooks.example.com',
    '{"Ref":"x"}',
  ])('has no entry %s', (entry) => {
    expect(parse(`198.51.100.7,${entry}`)).toEqual([
      'has an entry that is neither an IP address nor a CIDR range: entry 2',
    ]);
  });

  it.each([
    ['0.0.0.0/0', 8],
    ['1.2.3.4/7', 8],
    ['::/0', 16],
    ['2001:db8::/15', 16],
    // these hold IPv4 addresses, too
    ['::/16', 104],
    ['::ffff:0.0.0.0/96', 104],
    ['::ffff:1.2.3.4/103', 104],
    ['::fffe:0:0/95', 104],
  ])('has no range as wide as %s', (entry, shortest) => {
    expect(parse(entry)).toEqual([`has a range wider than /${shortest}: entry 1`]);
  });

  it.each(['1.2.3.4/8', '1.2.3.4/32', '2001:db8::/16', '2001:db8::1/128', '::ffff:1.2.3.4/104'])(
    'can have %s',
    (entry) => {
      expect(parse(entry)).toEqual([entry]);
    },
  );

  it('includes exactly the addresses with the same first bits', () => {
    fc.assert(
      fc.property(
        fc.ipV4(),
        fc.ipV4(),
        fc.integer({ min: 8, max: 32 }),
        (address, other, prefixLength) => {
          const hostBits = 2 ** (32 - prefixLength);
          const toPrefix = (ip: string) =>
            Math.floor(Buffer.from(ip.split('.').map(Number)).readUInt32BE() / hostBits);
          const ranges = createIpRanges([`${address}/${prefixLength}`]);
          expect(ranges.includes(address)).toBe(true);
          expect(ranges.includes(other)).toBe(toPrefix(address) === toPrefix(other));
          expect(ranges.includes(`::ffff:${address}`)).toBe(true);
        },
      ),
    );
  });

  it('includes no text that is no address', () => {
    const ranges = createIpRanges(['10.0.0.0/8', '2001:db8::/32']);
    for (const text of ['', 'unknown', '10.0.0.1:80', '10.0.0', ' 10.0.0.1', '[2001:db8::1]']) {
      expect(ranges.includes(text), text).toBe(false);
    }
    expect(ranges.includes('2001:db8:1::1')).toBe(true);
    expect(ranges.includes('2001:db9::1')).toBe(false);
  });
});
