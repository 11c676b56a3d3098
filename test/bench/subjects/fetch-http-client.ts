import type { HttpResult, SendHttp } from '../../../lib/destinations/http-client.ts';

/** Replaces lib/destinations/http-client.ts in a bundle: the same requests with Node's global fetch. */
export function createHttpClient(): SendHttp {
  return async ({ url, method, headers, body }, signal): Promise<HttpResult> => {
    const response = await fetch(url, { method, headers, body, signal, redirect: 'manual' });
    return {
      kind: 'response',
      status: response.status,
      headers: Object.fromEntries(response.headers),
      body: await response.text(),
    };
  };
}
