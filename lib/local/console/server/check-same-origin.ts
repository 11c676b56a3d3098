import type { IncomingMessage } from 'node:http';

/** The headers of every response: no content from other origins, no inline script or style, no frame. */
export const SECURITY_HEADERS = {
  'content-security-policy':
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; connect-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'",
  'cross-origin-opener-policy': 'same-origin',
  'cross-origin-resource-policy': 'same-origin',
  'referrer-policy': 'no-referrer',
  'x-content-type-options': 'nosniff',
  'cache-control': 'no-store',
} as const;

/** A name of this machine, with an optional port. */
const LOCAL_HOST = /^(?:127\.0\.0\.1|localhost|\[::1\])(?::(\d+))?$/;

/**
 * Checks that a request comes from the console's own page. Another site in the same browser can reach
 * this port: by a host name that resolves to this machine (DNS rebinding, the Host header differs), or
 * by a cross-origin request (the Origin header differs). A POST must carry the page's origin.
 * @returns why the request is rejected; null when it is allowed
 */
export function checkSameOrigin({ method, headers, socket }: IncomingMessage): string | null {
  const host = LOCAL_HOST.exec(headers.host ?? '');
  if (host === null || Number(host[1] ?? 80) !== socket.localPort)
    return 'The Host header is not a local address with the port of the console.';
  const ownOrigin = `http://${headers.host}`;
  const { origin } = headers;
  if (origin !== undefined && origin !== ownOrigin)
    return 'The Origin header is not the origin of the console.';
  const site = headers['sec-fetch-site'];
  if (site !== undefined && site !== 'same-origin' && site !== 'none')
    return 'The request comes from another site.';
  if (method === 'GET' || method === 'HEAD') return null;
  if (method !== 'POST') return 'The console allows only GET and POST.';
  if (origin === undefined) return 'A POST request needs an Origin header.';
  const type = headers['content-type']?.split(';')[0];
  return type === 'application/json'
    ? null
    : 'A POST request needs the content type application/json.';
}
