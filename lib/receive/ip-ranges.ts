import { BlockList, isIP } from 'node:net';
import * as v from 'valibot';
import { OptionalStringSchema } from '../platform/config.ts';

/** IP addresses, by membership. A text that is no IP address is in none. */
export interface IpRanges {
  readonly includes: (ip: string) => boolean;
}

interface IpRange {
  readonly address: string;
  readonly family: 'ipv4' | 'ipv6';
  readonly prefixLength: number;
}

const ADDRESS_BITS = { ipv4: 32, ipv6: 128 };
/**
 * The shortest prefix of a range. What is wider than any network of one company is a mistake, and a
 * `0.0.0.0/0` would switch the check off.
 */
const MIN_PREFIX_LENGTH = { ipv4: 8, ipv6: 16 };
/** IPv4 addresses in the form of IPv6 (RFC 4291, section 2.5.5.2). BlockList takes both for the same address. */
const MAPPED_IPV4 = { address: '::ffff:0:0', prefixLength: 96 };

/**
 * A list of IP addresses and CIDR ranges (RFC 4632), separated by commas or white space; empty when it is
 * missing. Each issue names an entry by its position.
 */
export const IpRangesSchema = v.pipe(
  OptionalStringSchema,
  v.transform((text) => (text ?? '').split(/[\s,]+/).filter((entry) => entry !== '')),
  v.rawCheck(({ dataset, addIssue }) => {
    if (!dataset.typed) return;
    for (const [index, entry] of dataset.value.entries()) {
      const fault = findFault(entry);
      if (fault !== null) addIssue({ message: `${fault}: entry ${index + 1}` });
    }
  }),
);

function findFault(entry: string): string | null {
  const range = parseRange(entry);
  if (range === null) return 'has an entry that is neither an IP address nor a CIDR range';
  const minPrefixLength = getMinPrefixLength(range);
  return range.prefixLength < minPrefixLength ? `has a range wider than /${minPrefixLength}` : null;
}

function getMinPrefixLength({ address, family, prefixLength }: IpRange): number {
  const shortest = MIN_PREFIX_LENGTH[family];
  if (family === 'ipv4' || prefixLength < shortest) return shortest;
  const range = new BlockList();
  range.addSubnet(address, prefixLength, family);
  const mapped = new BlockList();
  mapped.addSubnet(MAPPED_IPV4.address, MAPPED_IPV4.prefixLength, family);
  const hasMapped = range.check(MAPPED_IPV4.address, family) || mapped.check(address, family);
  return hasMapped ? MAPPED_IPV4.prefixLength + MIN_PREFIX_LENGTH.ipv4 : shortest;
}

/** Creates the ranges of a list that IpRangesSchema has accepted. */
export function createIpRanges(entries: readonly string[]): IpRanges {
  const list = new BlockList();
  for (const entry of entries) {
    const range = parseRange(entry);
    if (range !== null) list.addSubnet(range.address, range.prefixLength, range.family);
  }
  return {
    includes(ip) {
      const family = getFamily(ip);
      return family !== null && list.check(ip, family);
    },
  };
}

function parseRange(entry: string): IpRange | null {
  const [, address = '', digits] = /^([^/]+)(?:\/(\d{1,3}))?$/.exec(entry) ?? [];
  const family = getFamily(address);
  if (family === null) return null;
  const prefixLength = digits === undefined ? ADDRESS_BITS[family] : Number(digits);
  return prefixLength <= ADDRESS_BITS[family] ? { address, family, prefixLength } : null;
}

function getFamily(ip: string): IpRange['family'] | null {
  // a zone, as in fe80::1%eth0, means something on one machine only
  if (ip.includes('%')) return null;
  const version = isIP(ip);
  if (version === 0) return null;
  return version === 4 ? 'ipv4' : 'ipv6';
}
