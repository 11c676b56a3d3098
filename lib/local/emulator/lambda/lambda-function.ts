import { randomUUID } from 'node:crypto';
import pLimit from 'p-limit';
import { type ExecutionEnvironment, startExecutionEnvironment } from './execution-environment.ts';
import type { FunctionObserver, Invocation, InvocationResult } from './invocation.ts';
import type { HandlerError, WorkerData } from './worker-messages.ts';

/** The settings of one function. */
export interface FunctionSettings {
  readonly name: string;
  readonly workerData: WorkerData;
  readonly timeoutSeconds: number;
  readonly env: Readonly<Record<string, string>>;
  /** The most execution environments at once; further invocations wait for a free one. */
  readonly concurrency: number;
}

/** An execution environment; `requestId` is that of the running invocation, null when idle. */
export interface EnvironmentView {
  readonly id: string;
  readonly requestId: string | null;
}

/** A function with a pool of execution environments: idle ones are reused, more are started when all are busy. */
export interface LambdaFunction {
  readonly name: string;
  /** Starts one environment if none is idle. Resolves to the error when that fails, else to null. */
  warmUp(): Promise<HandlerError | null>;
  /** Invokes the handler with an event of JSON values. Never rejects. */
  invoke(event: unknown): Promise<Invocation>;
  /**
   * Uses another bundle for further invocations, as soon as one environment has loaded it. Running
   * invocations finish on the old bundle. Resolves to the error when the new bundle cannot be loaded; the
   * old one then stays.
   */
  reload(bundleFile: string): Promise<HandlerError | null>;
  /** Lets time run faster while its handlers wait, for their pace for example; 1 for real time. */
  setSpeed(speed: number): void;
  environments(): readonly EnvironmentView[];
  /** Ends one environment at once; false when no environment has this id. */
  kill(environmentId: string): Promise<boolean>;
  /** How many invocations have begun, and how many of them are still running. */
  countCalls(): { readonly begun: number; readonly running: number };
  /** Ends every environment at once. */
  stop(): Promise<void>;
}

interface PooledEnvironment {
  readonly id: string;
  readonly environment: ExecutionEnvironment;
  readonly bundleFile: string;
  requestId: string | null;
  /** Of the last invocation. */
  event: unknown;
  wasUsed: boolean;
}

const MS_PER_SECOND = 1_000;

/** Creates a function; its first environment starts with `warmUp` or with the first invocation. */
export function createLambdaFunction(
  settings: FunctionSettings,
  observer: FunctionObserver,
): LambdaFunction {
  const { name } = settings;
  const pool = new Set<PooledEnvironment>();
  const limit = pLimit(settings.concurrency);
  const calls = { begun: 0, running: 0 };
  let speed = 1;
  let bundleFile = settings.workerData.bundleFile;

  const start = (file: string): PooledEnvironment => {
    const id = randomUUID();
    const reportsRequests = observer.onRequest !== undefined;
    const setup = { ...settings.workerData, bundleFile: file, reportsRequests };
    const source = { functionName: name, environmentId: id };
    const environment = startExecutionEnvironment(
      setup,
      settings.env,
      (text) => observer.onLine({ ...source, requestId: pooled.requestId, text }),
      (request) => observer.onRequest?.({ ...source, event: pooled.event, request }),
    );
    const pooled: PooledEnvironment = {
      id,
      environment,
      bundleFile: file,
      requestId: null,
      event: null,
      wasUsed: false,
    };
    pool.add(pooled);
    if (speed !== 1) environment.setSpeed(speed);
    void environment.ended.then(() => pool.delete(pooled));
    return pooled;
  };
  const findIdle = (): PooledEnvironment | undefined =>
    [...pool].find((each) => each.requestId === null && each.bundleFile === bundleFile);

  const call = async (
    pooled: PooledEnvironment,
    requestId: string,
    event: unknown,
  ): Promise<InvocationResult> => {
    const error = await pooled.environment.started;
    if (error !== null) {
      await pooled.environment.kill();
      return { kind: 'threw', error };
    }
    const deadlineMs = Date.now() + settings.timeoutSeconds * MS_PER_SECOND;
    return pooled.environment.invoke(
      { requestId, event: JSON.stringify(event), deadlineMs },
      settings.timeoutSeconds,
    );
  };

  const invokeInEnvironment = async (event: unknown): Promise<Invocation> => {
    const requestId = randomUUID();
    const pooled = findIdle() ?? start(bundleFile);
    const coldStart = !pooled.wasUsed;
    pooled.requestId = requestId;
    pooled.event = event;
    pooled.wasUsed = true;
    const startedAtMs = Date.now();
    const result = await call(pooled, requestId, event);
    const durationMs = Date.now() - startedAtMs;
    pooled.requestId = null;
    if (pooled.bundleFile !== bundleFile) await pooled.environment.kill();
    return {
      functionName: name,
      requestId,
      environmentId: pooled.id,
      coldStart,
      event,
      startedAtMs,
      durationMs,
      result,
    };
  };

  return {
    name,
    async warmUp() {
      return (findIdle() ?? start(bundleFile)).environment.started;
    },
    async invoke(event) {
      calls.begun += 1;
      calls.running += 1;
      const invocation = await limit(() => invokeInEnvironment(event));
      calls.running -= 1;
      observer.onInvocation(invocation);
      return invocation;
    },
    async reload(file) {
      const candidate = start(file);
      const error = await candidate.environment.started;
      if (error !== null) {
        await candidate.environment.kill();
        return error;
      }
      bundleFile = file;
      const outdated = [...pool].filter(
        (each) => each.bundleFile !== file && each.requestId === null,
      );
      await Promise.all(outdated.map((each) => each.environment.kill()));
      return null;
    },
    setSpeed(newSpeed) {
      speed = newSpeed;
      for (const { environment } of pool) environment.setSpeed(speed);
    },
    environments: () => [...pool].map(({ id, requestId }) => ({ id, requestId })),
    async kill(environmentId) {
      const found = [...pool].find(({ id }) => id === environmentId);
      await found?.environment.kill();
      return found !== undefined;
    },
    countCalls: () => ({ ...calls }),
    async stop() {
      await Promise.all([...pool].map((each) => each.environment.kill()));
    },
  };
}
