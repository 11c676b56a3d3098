import type { IncomingMessage } from 'node:http';

/** What every answer of the console carries: nothing from elsewhere, nothing inline, in no frame. */
export const SECURITY_HEADERS = {
  'content-security-policy':
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; connect-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'",
  'cross-origin-opener-policy': 'same-origin',
  'cross-origin-resource-policy': 'same-origin',
  'referrer-policy': 'no-referrer',
  'x-content-type-options': 'nosniff',
  'cache-control': 'no-store',
} as const;

/** A name for this machine, with the port that was really used. */
const LOCAL_HOST = /^(?:127\.0\.0\.1|localhost|\[::1\])(?::(\d+))?$/;

/**
 * Says why a request may not be answered; null when it may. Another site that a person has open can
 * reach this port, too: by a name that leads here (its Host differs), or by a request of its own (its
 * Origin differs). An action must say that it comes from the page itself.
 */
export function checkSameOrigin({ method, headers, socket }: IncomingMessage): string | null {
  const host = LOCAL_HOST.exec(headers.host ?? '');
  if (host === null || Number(host[1] ?? 80) !== socket.localPort) return 'Another host.';
  const ownOrigin = `http://${headers.host}`;
  const { origin } = headers;
  if (origin !== undefined && origin !== ownOrigin) return 'Another origin.';
  const site = headers['sec-fetch-site'];
  if (site !== undefined && site !== 'same-origin' && site !== 'none') return 'Another site.';
  if (method === 'GET' || method === 'HEAD') return null;
  if (method !== 'POST') return 'Only GET and POST.';
  if (origin === undefined) return 'An action needs the origin of the page.';
  const type = headers['content-type']?.split(';')[0];
  return type === 'application/json' ? null : 'An action is JSON.';
}
