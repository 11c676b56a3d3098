import {
  createSenderIpCheck,
  type SenderIpCheck,
  type SenderIpCheckSettings,
} from '../../lib/receive/sender-ip-check.ts';

/** Creates a check of the sender's IP address; by default one that checks nothing. */
export function aSenderIpCheck(settings: Partial<SenderIpCheckSettings> = {}): SenderIpCheck {
  return createSenderIpCheck({
    mode: 'report',
    region: null,
    addresses: [],
    trustedProxies: [],
    ...settings,
  });
}
