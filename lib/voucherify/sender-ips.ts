/** The regions of Voucherify's shared clusters. A dedicated cluster has other addresses. */
export type SenderRegion = keyof typeof SENDER_IPS;

/** The IP addresses that Voucherify sends webhooks from, by region (vendor facts, section 1). */
export const SENDER_IPS = {
  eu1: ['34.247.197.22', '63.32.191.141', '52.215.148.84'],
  us1: ['100.25.106.67', '18.209.236.215', '34.192.255.99'],
  as1: ['52.76.98.82', '54.169.8.101', '13.214.87.160'],
} as const;

/** Says whether an IP address is one of Voucherify's in a region. */
export function isSenderIp(region: SenderRegion, ip: string): boolean {
  return SENDER_IPS[region].some((known) => known === ip);
}
