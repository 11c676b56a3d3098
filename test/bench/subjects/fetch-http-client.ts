import type { HttpResult, SendHttp } from '../../../lib/destinations/http-client.ts';

/** Replaces lib/destinations/http-client.ts in a bundle: the same requests with Node's global fetch. */
export function createHttpClient(): SendHttp {
  return async ({ url, method, headers, body }, signal): Promise<HttpResult> => {
    const response = await fetch(url, { method, headers, body, signal, redirect: 'manual' });
    const retryAfter = response.headers.get('retry-after') ?? undefined;
    return { kind: 'answered', status: response.status, retryAfter, body: await response.text() };
  };
}
