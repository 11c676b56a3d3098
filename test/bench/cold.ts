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

/** What one process took from its start to its first response. */
export interface ColdStart {
  /** User and system time of all threads. */
  readonly cpuMs: number;
  readonly wallMs: number;
}

/** Starts processes and waits for their first response. */
export interface ColdStarts {
  start(subject: ColdSubject): Promise<ColdStart>;
  stop(): void;
}

interface PostedResponse {
  readonly path: string;
  readonly body: string;
  readonly cpuMs: number;
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
  let onResponse: (result: PostedResponse) => void = () => {};
  const server = createServer((request, response) => {
    if (request.method === 'GET') {
      response.end(JSON.stringify(event));
      return;
    }
    void (async () => {
      const cpuMs = Number(request.headers['x-cpu-micros']) / 1_000;
      onResponse({ path: request.url ?? '', body: await text(request), cpuMs });
      response.end();
    })();
  });
  const { endpoint, stop } = await startServer(server);
  return {
    async start(subject) {
      ({ event } = subject);
      const response = Promise.withResolvers<PostedResponse>();
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
      const { path, body, cpuMs } = await response.promise;
      const wallMs = performance.now() - startedAt;
      clearTimeout(timeout);
      child.kill('SIGKILL');
      if (path !== '/response' || FAILURE_RESPONSE.test(body))
        throw new Error(`${subject.bundle} failed: ${body}`);
      return { cpuMs, wallMs };
    },
    stop,
  };
}
