import type { HttpResult, SendHttp } from '../../../lib/destinations/http-client.ts';

/** Takes the place of lib/destinations/http-client.ts: the same exchange with Node's global fetch. */
export function createExchange(): SendHttp {
  return async ({ url, method, headers, body }, signal): Promise<HttpResult> => {
    const response = await fetch(url, { method, headers, body, signal, redirect: 'manual' });
    const retryAfter = response.headers.get('retry-after') ?? undefined;
    return { kind: 'response', status: response.status, retryAfter, body: await response.text() };
  };
}
