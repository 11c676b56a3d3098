import { isIPv4 } from 'node:net';
import { describe, expect, it } from 'vitest';
import { isSenderIp, SENDER_IPS, type SenderRegion } from '../../lib/voucherify/sender-ips.ts';

const REGIONS: readonly SenderRegion[] = ['eu1', 'us1', 'as1'];

describe("Voucherify's IP addresses", () => {
  it('are three IPv4 addresses for each region, none of them in two regions', () => {
    const all = REGIONS.flatMap((region) => [...SENDER_IPS[region]]);
    expect(all.every((address) => isIPv4(address))).toBe(true);
    expect(new Set(all).size).toBe(3 * REGIONS.length);
  });

  it.each(REGIONS)('of %s belong to that region only', (region) => {
    for (const address of SENDER_IPS[region]) {
      expect(REGIONS.filter((each) => isSenderIp(each, address))).toEqual([region]);
    }
  });

  it.each(['', '127.0.0.1', '34.247.197.2', '34.247.197.220', 'toString'])(
    'do not include %j',
    (address) => {
      expect(REGIONS.some((region) => isSenderIp(region, address))).toBe(false);
    },
  );
});
