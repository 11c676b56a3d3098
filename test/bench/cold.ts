import { spawn } from 'node:child_process';
import { createServer } from 'node:http';
import { text } from 'node:stream/consumers';
import { startServer } from './start-server.ts';

/** A function and the event of its first invocation. */
export interface ColdSubject {
  readonly bundle: string;
  readonly env: Readonly<Record<string, string>>;
  readonly event: unknown;
}

/** Starts processes and waits for their first response. */
export interface ColdStarts {
  /** @returns the milliseconds from the start of the process to its posted response */
  start(subject: ColdSubject): Promise<number>;
  stop(): void;
}

const TIMEOUT_MS = 20_000;
/** The response of a handler that failed. */
const FAILURE_RESPONSE = /"statusCode":[345]|"itemIdentifier"/;

/**
 * Starts a small version of Lambda's runtime API on loopback: a process gets its event from it and posts
 * its response to it.
 * @param client the bundle of measured/runtime-client.ts
 */
export async function openColdStarts(client: string): Promise<ColdStarts> {
  let event: unknown = null;
  let onResponse: (result: { readonly path: string; readonly body: string }) => void = () => {};
  const server = createServer((request, response) => {
    if (request.method === 'GET') {
      response.end(JSON.stringify(event));
      return;
    }
    void (async () => {
      onResponse({ path: request.url ?? '', body: await text(request) });
      response.end();
    })();
  });
  const { endpoint, stop } = await startServer(server);
  return {
    async start(subject) {
      ({ event } = subject);
      const response = Promise.withResolvers<{ readonly path: string; readonly body: string }>();
      onResponse = response.resolve;
      const startedAt = performance.now();
      const child = spawn(process.execPath, [client, endpoint, subject.bundle], {
        env: { ...subject.env },
        stdio: 'ignore',
      });
      const timeout = setTimeout(
        () =>
          response.reject(new Error(`${subject.bundle} sent no response within ${TIMEOUT_MS} ms`)),
        TIMEOUT_MS,
      );
      const { path, body } = await response.promise;
      const ms = performance.now() - startedAt;
      clearTimeout(timeout);
      child.kill('SIGKILL');
      if (path !== '/response' || FAILURE_RESPONSE.test(body))
        throw new Error(`${subject.bundle} failed: ${body}`);
      return ms;
    },
    stop,
  };
}
