import type { Context, SQSBatchResponse, SQSEvent } from 'aws-lambda';
import { ASSUMPTIONS } from './assumptions.ts';
import type { VirtualClock } from './virtual-clock.ts';

/** An execution environment: its calls share one processor, and end with it. */
export interface Environment {
  readonly isAlive: () => boolean;
  /** The process ends, as after running out of memory: nothing that it waits for goes on. */
  readonly crash: () => void;
  /**
   * Makes a call that uses the processor for `cpuMs` and whose response comes `latencyMs` later. `carryOut`
   * is what the service does with it; what it throws rejects the call. In an environment that has ended the
   * call never settles, and is not made.
   */
  readonly call: <Value>(cpuMs: number, latencyMs: number, carryOut: () => Value) => Promise<Value>;
  /** Resolves after that many milliseconds, or never; rejects when the signal aborts first. */
  readonly wait: (ms: number, signal?: AbortSignal) => Promise<void>;
}

/** The handler of a function. */
export type Handler = (event: SQSEvent, context: Context) => Promise<SQSBatchResponse>;

/** What came of an invocation. */
export type InvocationResult =
  | { readonly kind: 'response'; readonly response: SQSBatchResponse }
  /** It threw, or it ran into its timeout. */
  | { readonly kind: 'failed' }
  | { readonly kind: 'throttled' };

/** What happened to a function. */
export interface FunctionCounts {
  invocations: number;
  billedMs: number;
  timeouts: number;
  errors: number;
  throttles: number;
  maxConcurrency: number;
}

/** A function with its environments. */
export interface LambdaFunction {
  readonly counts: FunctionCounts;
  readonly invoke: (event: SQSEvent) => Promise<InvocationResult>;
  /** The invocations that the account still allows at once. 0 throttles the function. */
  readonly setConcurrency: (limit: number) => void;
}

/** The dependencies of `createLambdaFunction`. */
export interface LambdaDeps {
  readonly clock: VirtualClock;
  readonly random: () => number;
  /** Starts the function in a new environment. */
  readonly createHandler: (environment: Environment) => Handler;
}

/** Creates a function whose invocations take an idle environment at random. */
export function createLambdaFunction({ clock, random, createHandler }: LambdaDeps): LambdaFunction {
  const counts: FunctionCounts = {
    invocations: 0,
    billedMs: 0,
    timeouts: 0,
    errors: 0,
    throttles: 0,
    maxConcurrency: 0,
  };
  let concurrencyLimit: number = ASSUMPTIONS.accountConcurrency.value;
  let running = 0;
  let requests = 0;
  const timeoutMs = ASSUMPTIONS.functionTimeoutSeconds.value * 1_000;
  const start = (): { environment: Environment; handler: Handler } => {
    const environment = createEnvironment(clock);
    return { environment, handler: createHandler(environment) };
  };
  type Started = ReturnType<typeof start>;
  // each starts when it is drawn first
  const idle: (Started | null)[] = Array.from(
    { length: ASSUMPTIONS.environments.value },
    () => null,
  );

  return {
    counts,
    setConcurrency(limit) {
      concurrencyLimit = limit;
    },
    async invoke(event) {
      if (running >= concurrencyLimit) {
        counts.throttles += 1;
        return { kind: 'throttled' };
      }
      running += 1;
      counts.invocations += 1;
      counts.maxConcurrency = Math.max(counts.maxConcurrency, running);
      const place = Math.floor(random() * idle.length);
      const started = idle[place] ?? start();
      // its place is filled by the last one
      const last = idle.pop();
      if (place < idle.length && last !== undefined) idle[place] = last;

      const startMs = clock.nowMs();
      const ended = Promise.withResolvers<InvocationResult>();
      const timer = clock.at(startMs + timeoutMs, () => {
        counts.timeouts += 1;
        started.environment.crash();
        ended.resolve({ kind: 'failed' });
      });
      requests += 1;
      void started
        .handler(
          event,
          toContext(`request-${requests}`, () => startMs + timeoutMs - clock.nowMs()),
        )
        .then(
          (response) => ended.resolve({ kind: 'response', response }),
          () => {
            counts.errors += 1;
            ended.resolve({ kind: 'failed' });
          },
        );
      const result = await ended.promise;
      clock.cancel(timer);
      counts.billedMs += Math.ceil(clock.nowMs() - startMs);
      running -= 1;
      idle.push(started.environment.isAlive() ? started : null);
      return result;
    },
  };
}

function createEnvironment(clock: VirtualClock): Environment {
  let crashedAtMs = Infinity;
  let processorFreeAtMs = 0;
  return {
    isAlive: () => clock.nowMs() < crashedAtMs,
    crash() {
      crashedAtMs = Math.min(crashedAtMs, clock.nowMs());
    },
    call(cpuMs, latencyMs, carryOut) {
      const sentAtMs = Math.max(clock.nowMs(), processorFreeAtMs) + cpuMs;
      processorFreeAtMs = sentAtMs;
      return new Promise((resolve, reject) => {
        clock.at(sentAtMs + latencyMs, () => {
          if (crashedAtMs <= sentAtMs) return;
          try {
            const value = carryOut();
            if (clock.nowMs() < crashedAtMs) resolve(value);
          } catch (error) {
            if (clock.nowMs() < crashedAtMs) reject(error);
          }
        });
      });
    },
    wait: (ms, signal) =>
      new Promise((resolve, reject) => {
        const timer = clock.at(clock.nowMs() + ms, () => {
          if (clock.nowMs() < crashedAtMs) resolve();
        });
        signal?.addEventListener(
          'abort',
          () => {
            clock.cancel(timer);
            reject(signal.reason as Error);
          },
          { once: true },
        );
      }),
  };
}

function toContext(awsRequestId: string, getRemainingTimeInMillis: () => number): Context {
  return { awsRequestId, getRemainingTimeInMillis } as unknown as Context;
}
