import { Worker } from 'node:worker_threads';
import * as v from 'valibot';
import { handlerError } from './handler-error.ts';
import type { Outcome } from './invocation.ts';
import {
  type HandlerError,
  type Order,
  type Report,
  ReportSchema,
  type Setup,
} from './worker-messages.ts';

/** How long Lambda gives a handler's module for loading. */
const INIT_LIMIT_MS = 10_000;
const MS_PER_SECOND = 1_000;

/** A worker thread with one handler in it, which takes one call at a time. */
export interface ExecutionEnvironment {
  /** Why the handler could not be loaded, or null when it is ready. */
  readonly started: Promise<HandlerError | null>;
  /** Resolves when the thread is gone, for whatever reason. */
  readonly ended: Promise<void>;
  /** Calls the handler; the environment has to be ready and idle. A call past its time is ended for good. */
  invoke(order: Order, timeoutSeconds: number): Promise<Outcome>;
  /** Ends the thread at once, whatever it is doing. A running call counts as crashed. */
  kill(): Promise<void>;
}

/**
 * Starts an execution environment.
 * @param env the whole environment of the handler: nothing of this process is passed on
 * @param onLine gets each line that the handler writes
 */
export function startExecutionEnvironment(
  setup: Setup,
  env: Readonly<Record<string, string>>,
  onLine: (text: string) => void,
): ExecutionEnvironment {
  const worker = new Worker(new URL('worker.ts', import.meta.url), {
    workerData: setup,
    env: { ...env },
    execArgv: [],
  });
  const started = Promise.withResolvers<HandlerError | null>();
  const ended = Promise.withResolvers<void>();
  let finishCall: ((outcome: Outcome) => void) | null = null;
  let lastWords: HandlerError | null = null;
  let gone: Outcome | null = null;

  const initLimit = setTimeout(() => {
    const message = `The module was not loaded within ${INIT_LIMIT_MS / MS_PER_SECOND} seconds`;
    started.resolve({ type: 'Runtime.InitTimeout', message, stack: [] });
    void worker.terminate();
  }, INIT_LIMIT_MS);
  void started.promise.then(() => clearTimeout(initLimit));

  const take = (report: Report): void => {
    switch (report.kind) {
      case 'ready':
        started.resolve(null);
        return;
      case 'not_ready':
        started.resolve(report.error);
        return;
      case 'line':
        onLine(report.text);
        return;
      case 'returned':
        finishCall?.({ kind: 'returned', payload: JSON.parse(report.payload) });
        return;
      case 'threw':
        finishCall?.(report);
    }
  };
  worker.on('message', (message: unknown) => take(v.parse(ReportSchema, message)));
  worker.on('error', (error) => {
    lastWords = handlerError(error);
  });
  worker.on('exit', (code) => {
    const reason =
      lastWords === null
        ? `The runtime ended with code ${code} before it answered`
        : `${lastWords.type}: ${lastWords.message}`;
    started.resolve(lastWords ?? { type: 'Runtime.ExitError', message: reason, stack: [] });
    gone = { kind: 'crashed', reason };
    finishCall?.(gone);
    ended.resolve();
  });

  return {
    started: started.promise,
    ended: ended.promise,
    async invoke(order, timeoutSeconds) {
      if (gone !== null) return gone;
      const call = Promise.withResolvers<Outcome>();
      finishCall = call.resolve;
      const limit = setTimeout(() => {
        finishCall = null;
        void worker
          .terminate()
          .then(() => call.resolve({ kind: 'timed_out', afterSeconds: timeoutSeconds }));
      }, timeoutSeconds * MS_PER_SECOND);
      worker.postMessage(order, []);
      const outcome = await call.promise;
      clearTimeout(limit);
      finishCall = null;
      return outcome;
    },
    async kill() {
      await worker.terminate();
    },
  };
}
