import { isIP } from 'node:net';
import { isSenderIp, type SenderRegion } from '../voucherify/sender-ips.ts';
import { createIpRanges } from './ip-ranges.ts';
import type { WebhookRequest } from './webhook-request.ts';

/** Which IP addresses are Voucherify's, and what to do with a genuine webhook from another one. */
export interface SenderIpCheck {
  /** `report` logs an error, `enforce` rejects the webhook, too. */
  readonly mode: 'report' | 'enforce';
  /**
   * Finds out whether a webhook comes from one of the addresses.
   * @returns null when it does, or when no address is checked; else the address that it comes from
   */
  readonly findUnknownIp: (webhook: Pick<WebhookRequest, 'headers' | 'sourceIp'>) => string | null;
}

/** What the check is made of: the settings of receive. */
export interface SenderIpCheckSettings {
  readonly mode: 'report' | 'enforce';
  readonly region: SenderRegion | null;
  /** Addresses and CIDR ranges of a dedicated Voucherify region, beside those of `region`. */
  readonly addresses: readonly string[];
  /** Addresses and CIDR ranges of the proxies in front of the gateway. */
  readonly trustedProxies: readonly string[];
}

const FORWARDED_FOR = 'x-forwarded-for';

/** Creates the check. Without a region and addresses it checks nothing. */
export function createSenderIpCheck(settings: SenderIpCheckSettings): SenderIpCheck {
  const { mode, region } = settings;
  const addresses = createIpRanges(settings.addresses);
  const trustedProxies = createIpRanges(settings.trustedProxies);
  if (region === null && settings.addresses.length === 0)
    return { mode, findUnknownIp: () => null };
  return {
    mode,
    findUnknownIp({ sourceIp, headers }) {
      const forwardedFor = headers.get(FORWARDED_FOR)?.split(',') ?? [];
      const ip = findClientIp(sourceIp, forwardedFor, trustedProxies.includes);
      const isKnown = (region !== null && isSenderIp(region, ip)) || addresses.includes(ip);
      if (isKnown) return null;
      // an entry of the header can be any text, which must not be in a log
      return isIP(ip) === 0 ? sourceIp : ip;
    },
  };
}

/**
 * Finds the address of whoever sent a request through trusted proxies. Each proxy, and API Gateway too,
 * appends the address that called it, so only what stands right of the first untrusted address was
 * written by a trusted one. What stands left of it can be forged, and is not read. A caller that is no
 * trusted proxy is the client, whatever its header says.
 * @param sourceIp the address that called the gateway
 * @param forwardedFor the entries of X-Forwarded-For, from left to right
 */
function findClientIp(
  sourceIp: string,
  forwardedFor: readonly string[],
  isTrusted: (ip: string) => boolean,
): string {
  const chain = [...forwardedFor.map((entry) => entry.trim()), sourceIp];
  return chain.findLast((ip) => !isTrusted(ip)) ?? sourceIp;
}
