import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { SenderIpCheckSettings } from '../../lib/receive/sender-ip-check.ts';
import { SENDER_IPS } from '../../lib/voucherify/sender-ips.ts';
import { aSenderIpCheck } from '../support/sender-ip-check.ts';

const VOUCHERIFY = SENDER_IPS.eu1[0];
const DEDICATED = '198.51.100.7';
const PROXY = '203.0.113.10';
const OTHER_PROXY = '203.0.113.200';
const STRANGER = '192.0.2.66';

/** The address that a check reports, or null when it accepts a webhook. */
function check(
  settings: Partial<SenderIpCheckSettings>,
  sourceIp: string,
  forwardedFor?: string,
): string | null {
  const headers = new Map(forwardedFor === undefined ? [] : [['x-forwarded-for', forwardedFor]]);
  return aSenderIpCheck(settings).findUnknownIp({ sourceIp, headers });
}

describe('the check of the sender’s IP address', () => {
  it('checks nothing without a region and addresses', () => {
    expect(check({ trustedProxies: [PROXY] }, STRANGER, STRANGER)).toBeNull();
  });

  it('accepts the addresses of the region and those of a dedicated one', () => {
    const settings = { region: 'eu1', addresses: [DEDICATED, '2001:db8::/32'] } as const;
    for (const ip of [...SENDER_IPS.eu1, DEDICATED, '2001:db8::7']) {
      expect(check(settings, ip)).toBeNull();
    }
    for (const ip of [...SENDER_IPS.us1, STRANGER, '']) expect(check(settings, ip)).toBe(ip);
    expect(check({ addresses: [DEDICATED] }, VOUCHERIFY)).toBe(VOUCHERIFY);
  });

  it('believes no header without a trusted proxy', () => {
    expect(check({ region: 'eu1' }, STRANGER, VOUCHERIFY)).toBe(STRANGER);
    expect(check({ region: 'eu1' }, PROXY, `${VOUCHERIFY}, ${PROXY}`)).toBe(PROXY);
  });
});

describe('behind proxies', () => {
  const settings = { region: 'eu1', trustedProxies: ['203.0.113.0/25', OTHER_PROXY] } as const;
  // API Gateway appends the address that called it
  it.each([
    ['one proxy', PROXY, `${VOUCHERIFY}, ${PROXY}`, null],
    ['one proxy, in a header without the gateway’s entry', PROXY, VOUCHERIFY, null],
    ['two proxies', PROXY, `${VOUCHERIFY},${OTHER_PROXY},${PROXY}`, null],
    ['no proxy', VOUCHERIFY, VOUCHERIFY, null],
    ['a client that forges the header', PROXY, `${VOUCHERIFY}, ${STRANGER}, ${PROXY}`, STRANGER],
    [
      'a client that passes by the proxy',
      STRANGER,
      `${VOUCHERIFY}, ${PROXY}, ${STRANGER}`,
      STRANGER,
    ],
    [
      'a client that passes by the proxy and names only it',
      STRANGER,
      `${VOUCHERIFY}, ${PROXY}`,
      STRANGER,
    ],
    [
      'a proxy that is not trusted',
      '203.0.113.130',
      `${VOUCHERIFY}, 203.0.113.130`,
      '203.0.113.130',
    ],
    ['a trusted proxy that sends no header', PROXY, undefined, PROXY],
    ['a trusted proxy that calls itself', PROXY, `${PROXY}, ${PROXY}`, PROXY],
    ['an entry that is no address', PROXY, `${VOUCHERIFY}, a@example.com, ${PROXY}`, PROXY],
    ['an entry with a port', PROXY, `${VOUCHERIFY}:443, ${PROXY}`, PROXY],
    ['an empty entry', PROXY, `${VOUCHERIFY}, , ${PROXY}`, PROXY],
  ])('finds the sender of %s', (_case, sourceIp, forwardedFor, reported) => {
    expect(check(settings, sourceIp, forwardedFor)).toBe(reported);
  });

  it('accepts no webhook because of what a client wrote into the header', () => {
    const written = fc.array(
      fc.constantFrom(VOUCHERIFY, PROXY, OTHER_PROXY, STRANGER, '', 'unknown', ' '),
      { maxLength: 5 },
    );
    fc.assert(
      fc.property(written, fc.boolean(), (entries, isThroughProxy) => {
        const appended = isThroughProxy ? [STRANGER, PROXY] : [STRANGER];
        const sourceIp = isThroughProxy ? PROXY : STRANGER;
        expect(check(settings, sourceIp, [...entries, ...appended].join(', '))).toBe(STRANGER);
      }),
    );
  });
});
