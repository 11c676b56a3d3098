import { Agent, request } from 'node:http';

/** Addresses, and how many requests each of them gets. */
export interface BareRequests {
  readonly urls: readonly string[];
  readonly times: number;
  readonly body: string;
}

/** What no fanOut can be quicker than: the same requests at once over kept connections, nothing of ours. */
export function prepare({ urls, times, body }: BareRequests): () => Promise<void> {
  const agent = new Agent({ keepAlive: true });
  const headers = { 'content-type': 'application/json' };
  const post = (url: string): Promise<void> => {
    const { promise, resolve, reject } = Promise.withResolvers<void>();
    request(url, { method: 'POST', headers, agent }, (response) => {
      response.resume().on('close', resolve);
    })
      .on('error', reject)
      .end(body);
    return promise;
  };
  const all = urls.flatMap((url) => Array.from({ length: times }, () => url));
  return async () => {
    await Promise.all(all.map(post));
  };
}
