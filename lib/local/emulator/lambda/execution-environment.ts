import { siblingModule } from '../../../project/sibling-module.ts';
import { Worker } from 'node:worker_threads';
import * as v from 'valibot';
import type { InvocationResult } from './invocation.ts';
import type { MadeRequest } from './request-capture.ts';
import {
  type HandlerError,
  type InvokeMessage,
  type SpeedMessage,
  toHandlerError,
  type WorkerMessage,
  WorkerMessageSchema,
  type WorkerData,
} from './worker-messages.ts';

/** How long Lambda lets a handler's module load. */
const INIT_TIMEOUT_MS = 10_000;
const MS_PER_SECOND = 1_000;

/** A worker thread with one handler, which runs one invocation at a time. */
export interface ExecutionEnvironment {
  /** Resolves to null when the handler is ready, or to the error that prevented it from loading. */
  readonly started: Promise<HandlerError | null>;
  /** Resolves when the thread has ended, for whatever reason. */
  readonly ended: Promise<void>;
  /** Invokes the handler of a ready and idle environment. A timeout ends the whole thread. */
  invoke(message: InvokeMessage, timeoutSeconds: number): Promise<InvocationResult>;
  /** Lets time run faster while the handler waits; 1 for real time. */
  setSpeed(speed: number): void;
  /** Ends the thread at once. A running invocation results in `crashed`. */
  kill(): Promise<void>;
}

/**
 * Starts an execution environment of Lambda as a worker thread.
 * @param env all environment variables of the handler: none of this process's are added
 * @param onLine receives each line that the handler writes
 * @param onRequest receives each request that the handler has made, if `data` says that they are reported
 */
export function startExecutionEnvironment(
  data: WorkerData,
  env: Readonly<Record<string, string>>,
  onLine: (text: string) => void,
  onRequest: (request: MadeRequest) => void = () => {},
): ExecutionEnvironment {
  const worker = new Worker(siblingModule(import.meta, 'worker'), {
    workerData: data,
    env: { ...env },
    execArgv: [],
  });
  const started = Promise.withResolvers<HandlerError | null>();
  const ended = Promise.withResolvers<void>();
  let finishCall: ((result: InvocationResult) => void) | null = null;
  let lastError: HandlerError | null = null;
  let crash: InvocationResult | null = null;

  const initTimer = setTimeout(() => {
    const message = `The module was not loaded within ${INIT_TIMEOUT_MS / MS_PER_SECOND} seconds`;
    started.resolve({ type: 'Runtime.InitTimeout', message, stack: [] });
    void worker.terminate();
  }, INIT_TIMEOUT_MS);
  void started.promise.then(() => clearTimeout(initTimer));

  const handleMessage = (message: WorkerMessage): void => {
    switch (message.kind) {
      case 'ready':
        started.resolve(null);
        return;
      case 'not_ready':
        started.resolve(message.error);
        return;
      case 'line':
        onLine(message.text);
        return;
      case 'request':
        onRequest(message.request);
        return;
      case 'returned':
        finishCall?.({ kind: 'returned', payload: JSON.parse(message.payload) });
        return;
      case 'threw':
        finishCall?.(message);
    }
  };
  worker.on('message', (message: unknown) => handleMessage(v.parse(WorkerMessageSchema, message)));
  worker.on('error', (error) => {
    lastError = toHandlerError(error);
  });
  worker.on('exit', (code) => {
    const reason =
      lastError === null
        ? `The runtime ended with code ${code} before it responded`
        : `${lastError.type}: ${lastError.message}`;
    started.resolve(lastError ?? { type: 'Runtime.ExitError', message: reason, stack: [] });
    crash = { kind: 'crashed', reason };
    finishCall?.(crash);
    ended.resolve();
  });

  return {
    started: started.promise,
    ended: ended.promise,
    async invoke(message, timeoutSeconds) {
      if (crash !== null) return crash;
      const call = Promise.withResolvers<InvocationResult>();
      finishCall = call.resolve;
      const timer = setTimeout(() => {
        finishCall = null;
        void worker.terminate().then(() => call.resolve({ kind: 'timed_out', timeoutSeconds }));
      }, timeoutSeconds * MS_PER_SECOND);
      worker.postMessage(message, []);
      const result = await call.promise;
      clearTimeout(timer);
      finishCall = null;
      return result;
    },
    setSpeed(speed) {
      const message: SpeedMessage = { speed };
      worker.postMessage(message, []);
    },
    async kill() {
      await worker.terminate();
    },
  };
}
